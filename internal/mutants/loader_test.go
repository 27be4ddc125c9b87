// SPDX-License-Identifier: MIT

package mutants_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/features"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/mutants"
)

// loadable are the struct_ops types of a stock kernel, with the members that the
// kernel itself insists on (tcp_validate_congestion_control, and init_member for
// the name).
var loadable = map[string][]string{
	"tcp_congestion_ops": {"ssthresh", "undo_cwnd", "cong_avoid", "name"},
	"bpf_dummy_ops":      {},
}

// unseen are the rules about what no loader looks at, so that it accepts what
// breaks at run time. Of types cilium/ebpf does not look at members that are
// pointers in the program.
var unseen = []string{"callback.param.count", "callback.param.type", "callback.param.order", "callback.result", "field.type"}

// fewLoads is how many mutants of a type make test loads, about.
const fewLoads = 10

// types turns a model into the BTF of a program.
type types struct {
	a       *model.ABI
	records map[string]btf.Type
}

func (x *types) of(t model.Type) btf.Type {
	switch y := t.(type) {
	case model.Int:
		i := &btf.Int{Name: y.String(), Size: uint32(y.Bits / 8)}
		if y.Signed {
			i.Encoding = btf.Signed
		}
		return i
	case model.Bool:
		return &btf.Int{Name: "_Bool", Size: 1, Encoding: btf.Bool}
	case model.Pointer:
		return &btf.Pointer{Target: x.of(y.Elem)}
	case model.Array:
		return &btf.Array{Index: &btf.Int{Name: "int", Size: 4}, Type: x.of(y.Elem), Nelems: uint32(y.Len)}
	case model.Qualified:
		if y.Const {
			return &btf.Const{Type: x.of(y.Elem)}
		}
		return &btf.Volatile{Type: x.of(y.Elem)}
	case model.Func:
		p := &btf.FuncProto{Return: x.of(y.Result)}
		for _, q := range y.Params {
			p.Params = append(p.Params, btf.FuncParam{Type: x.of(q)})
		}
		return p
	case model.Ref:
		return x.ref(y)
	}
	return &btf.Void{}
}

func (x *types) ref(r model.Ref) btf.Type {
	if t := x.records[r.String()]; t != nil {
		return t
	}
	if e := x.a.Enum(r.Name); r.Kind == model.RefEnum && e != nil {
		out := &btf.Enum{Name: e.Name, Size: uint32(e.Size), Signed: e.Signed}
		x.records[r.String()] = out
		return out
	}
	rec := x.a.Record(r.Name)
	if rec == nil {
		return &btf.Fwd{Name: r.Name}
	}
	out := &btf.Struct{Name: rec.Name, Size: uint32(rec.Size)}
	x.records[r.String()] = out
	out.Members = x.members(rec)
	return out
}

func (x *types) members(r *model.Record) (out []btf.Member) {
	for i := range r.Fields {
		f := &r.Fields[i]
		m := btf.Member{Name: f.Name, Offset: btf.Bits(f.BitOffset)}
		switch {
		case f.Bitfield:
			m.Type, m.BitfieldSize = x.of(f.Type), btf.Bits(f.BitSize)
		case f.Record != nil && f.Record.Kind == model.Union:
			m.Type = &btf.Union{Size: uint32(f.Record.Size), Members: x.members(f.Record)}
		case f.Record != nil:
			m.Type = &btf.Struct{Size: uint32(f.Record.Size), Members: x.members(f.Record)}
		default:
			m.Type = x.of(f.Type)
		}
		out = append(out, m)
	}
	return out
}

// load lets the library and the kernel judge a program's idea of a type.
func load(a *model.ABI, r *model.Record, required []string, fill string) error {
	x := &types{a: a, records: map[string]btf.Type{}}
	user, _ := x.of(r.Ref()).(*btf.Struct)
	value := make([]byte, r.Size)
	spec := &ebpf.CollectionSpec{Maps: map[string]*ebpf.MapSpec{}, Programs: map[string]*ebpf.ProgramSpec{}}
	for i := range r.Fields {
		f := &r.Fields[i]
		at := value[f.BitOffset/8 : (f.BitOffset+f.BitSize+7)/8]
		switch {
		case model.IsCallback(f.Type) && (slices.Contains(required, f.Name) || f.Name == "mutant"):
			spec.Programs[f.Name] = &ebpf.ProgramSpec{Name: f.Name, Type: ebpf.StructOps, AttachTo: r.Name + ":" + f.Name, License: "GPL",
				Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()}}
		case f.Name == "name" || f.Name == fill:
			copy(at, "abigen_test")
			if f.BitSize <= 64 {
				clear(at)
				at[0] = 1
			}
		}
	}
	const link = 1 << 13 // BPF_F_LINK: registered only when it is attached
	spec.Maps["ops"] = &ebpf.MapSpec{Name: "ops", Type: ebpf.StructOpsMap, Key: &btf.Int{Size: 4}, KeySize: 4, ValueSize: uint32(r.Size), Value: user,
		Flags: link, MaxEntries: 1, Contents: []ebpf.MapKV{{Key: uint32(0), Value: value}}}
	coll, err := ebpf.NewCollection(spec)
	if err == nil {
		coll.Close()
	}
	if r.Name == "bpf_dummy_ops" && errors.Is(err, syscall.EOPNOTSUPP) {
		// The loader has copied everything and the kernel has looked at it: it
		// never registers this type, which exists for its own tests.
		return nil
	}
	return err
}

// asProgram takes away from a header what the BTF of a program does not know.
func asProgram(a *model.ABI) *model.ABI {
	asKernel(a)
	a.Side, a.Source = model.SideProgram, "elf:program.o"
	a.Attests = []model.Evidence{model.Records, model.Pointees, model.Enums, model.Prototypes, model.Kfuncs}
	for _, r := range a.Records {
		r.Registered = false
	}
	return a
}

func TestTheLoaderJudgesAsTheLoaderProfileSays(t *testing.T) {
	if err := features.HaveMapType(ebpf.StructOpsMap); err != nil || os.Geteuid() != 0 {
		t.Skipf("the running kernel loads no struct_ops types for this user (root is needed): %v", err)
	}
	kernel := map[string]bool{}
	for name := range loadable {
		kernel[name], kernel["bpf_struct_ops_"+name] = true, true
	}
	for range 2 {
		a, err := btfsrc.ReadFile("/sys/kernel/btf/vmlinux", btfsrc.Options{Keep: func(n string) bool { return kernel[n] }})
		if err != nil {
			t.Skipf("the running kernel: %v", err)
		}
		for _, p := range a.Prototypes {
			for _, q := range p.Params {
				if tag, ok := strings.CutPrefix(q.Type.String(), "enum "); ok {
					kernel[tag] = true
				}
			}
		}
	}
	now, err := btfsrc.ReadFile("/sys/kernel/btf/vmlinux", btfsrc.Options{Keep: func(n string) bool { return kernel[n] }})
	if err != nil {
		t.Fatal(err)
	}
	accepted := map[string]int{}
	example := map[string]string{}
	loads, refused, insisted := 0, 0, 0
	for _, name := range []string{"bpf_dummy_ops", "tcp_congestion_ops"} {
		required := loadable[name]
		if r := now.Record(name); r == nil || !r.Registered {
			t.Logf("the running kernel does not register %s", name)
			continue
		}
		h, err := mutants.FromModel(now, func(n string) bool { return n == name })
		if err != nil {
			t.Fatal(err)
		}
		for i := range h.Records {
			h.Records[i].Context = h.Records[i].Name != name
		}
		h.Constants, h.Functions = nil, nil
		base := asProgram(parse(t, "program.h", h.String(), cheader.Options{}))
		if err := load(base, base.Record(name), required, ""); err != nil {
			t.Fatalf("%s is refused as it is: %v", name, err)
		}
		ms := h.Mutants()
		r := rand.New(rand.NewPCG(seed, 3))
		for i := range ms {
			m := &ms[i]
			record := name
			switch {
			case m.Operator == "rename record":
				record = "mutant"
			case m.Operator == "tag to typedef", !strings.HasPrefix(m.Subject, name):
				// BTF made by hand has no such typedef, and enums are not loaded.
				continue
			}
			if !everything() && r.IntN(len(ms)) >= fewLoads {
				continue
			}
			_, member, _ := strings.Cut(m.Subject, ".")
			if strings.HasPrefix(m.Operator, "delete") && slices.Contains(required, member) {
				// The kernel insists on it, whoever asks.
				insisted++
				continue
			}
			old := asProgram(parse(t, "program.h", m.Text, cheader.Options{}))
			user := old.Record(record)
			if user == nil {
				t.Fatalf("%s: no record %s", m.What, record)
			}
			fill := ""
			if m.Operator == "rename member" {
				fill = "mutant"
			}
			callbacks := required
			if m.Operator == "rename callback" {
				callbacks = append(slices.Clone(required), "mutant")
			}
			err := load(old, user, callbacks, fill)
			loads++
			res := drift.Compare(old, now, drift.Options{})
			i := slices.IndexFunc(res.Findings, func(f drift.Finding) bool { return f.Severity == drift.Breaking })
			switch {
			case err != nil && i < 0:
				t.Errorf("%s: the loader refuses what is not breaking: %v\n%s", m.What, err, render(res))
			case err == nil && i >= 0:
				f := res.Findings[i]
				if !slices.Contains(unseen, f.Rule) {
					t.Errorf("%s: the loader accepts what is breaking:\n%s", m.What, render(res))
				}
				accepted[f.Rule]++
				if example[f.Rule] == "" {
					example[f.Rule] = f.Subject + ": " + f.Message
				}
			case err != nil:
				refused++
				if errors.Is(err, os.ErrPermission) {
					t.Fatalf("%s: %v", m.What, err)
				}
			}
		}
	}
	t.Logf("%d mutants loaded: %d refused as predicted, %d left out because the kernel insists on the member", loads, refused, insisted)
	for _, rule := range unseen {
		if accepted[rule] > 0 {
			t.Logf("accepted though breaking: %d of %s, such as %s", accepted[rule], rule, example[rule])
		}
	}
}
