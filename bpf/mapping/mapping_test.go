// SPDX-License-Identifier: MIT

package mapping_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/mapping"
	"github.com/fuseiomap/abigen/internal/look/looktest"
)

// answers is a program in Go.
type answers func(in abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error)

func (a answers) Begin(_ uint64, in abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error) {
	return a(in)
}

func handled(m abi.IomapIO) (abi.IomapBeginOut, abi.IomapBPFRet, error) {
	out := abi.IomapBeginOut{Read: m}
	out.PureOverwrite()
	return out, abi.FIB_HANDLED, nil
}

// mixed has space, a hole, two blocks for the server and an answer that is wrong.
var mixed = answers(func(in abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error) {
	switch b := in.Pos / 4096; b {
	case 0, 1:
		return handled(abi.IomapIO{Length: 8192, Addr: 1 << 20, Type: abi.FUSE_IOMAP_TYPE_MAPPED, Dev: 2})
	case 2:
		return handled(abi.IomapIO{Offset: 8192, Length: 4096, Addr: abi.FUSE_IOMAP_NULL_ADDR})
	case 3, 4:
		return abi.IomapBeginOut{}, abi.FIB_FALLBACK, nil
	case 5:
		return handled(abi.IomapIO{Offset: 20480, Length: 4096, Addr: 0, Type: abi.FUSE_IOMAP_TYPE_HOLE})
	case 6:
		errno := int32(-38)
		return abi.IomapBeginOut{}, abi.IomapBPFRet(errno), nil
	}
	out, ret, err := handled(abi.IomapIO{Offset: 0, Length: 4096, Addr: 4096, Type: abi.FUSE_IOMAP_TYPE_UNWRITTEN, Dev: 1, Flags: abi.FUSE_IOMAP_F_SHARED})
	out.Write = abi.IomapIO{Offset: in.Pos, Length: 4096, Addr: 1 << 30, Type: abi.FUSE_IOMAP_TYPE_MAPPED, Dev: 1}
	return out, ret, err
})

func walk(t *testing.T, c mapping.Caller, r mapping.Request) *mapping.Result {
	t.Helper()
	if r.FS.BlockSize == 0 {
		r.FS = abi.FS{BlockSize: 4096, MaxFileSize: 1<<63 - 1, Devices: map[uint32]abi.Device{1: {Readable: true, Writable: true}, 2: {Readable: true, Writable: true}}, UncacheableOps: abi.FUSE_IOMAP_OP_REPORT}
	}
	res, err := mapping.Walk(c, r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestTextShowsEveryMappingAndWhatItBreaks(t *testing.T) {
	var b strings.Builder
	if err := walk(t, mixed, mapping.Request{Inode: 7, To: 8 * 4096}).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	want := `OFFSET  LENGTH  TYPE       DEVICE  ADDRESS   FLAGS   WRITES
0       8192    MAPPED     2       0x100000  0       same
8192    4096    HOLE       -       -         0       same
12288   8192    fallback   -       -         -       -
20480   4096    HOLE       -       0x0       0       same
    broken rule 11: read.addr is 0x0: HOLE has no address: the kernel returns EUCLEAN (117): set it to FUSE_IOMAP_NULL_ADDR, which is not 0
24576   4096    fallback   -       -         -       -
    warning rule 2: the result is -38: only 1 is an answer, so this is a fallback and no error: the kernel accepts it: return FIB_HANDLED or FIB_FALLBACK; a program cannot return an errno
0       4096    UNWRITTEN  1       0x1000    SHARED  28672+4096 MAPPED 1:0x40000000
    broken rule 17: read.length is 4096: the mapping ends at 4096, not after the position 28672 that was asked for: the kernel returns EUCLEAN (117): map the extent that holds the position; it need not cover the whole range
4 mappings, 2 ranges left to the server, 2 broken rules, 1 warning, 0 not checked
`
	if b.String() != want {
		t.Errorf("text is\n%s\nwant\n%s", b.String(), want)
	}
}

func TestJSONHoldsTheSame(t *testing.T) {
	var b strings.Builder
	if err := walk(t, mixed, mapping.Request{Inode: 1 << 60, To: 8 * 4096, Op: abi.FUSE_IOMAP_OP_REPORT}).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Inode, Op string
		Extents   []struct {
			Offset, Length string
			Result         int
			Read, Write    *struct {
				Address, Type, Flags string
				Device               int
			}
			Broken []struct {
				Rule         int
				Errno, Field string
			}
			Warnings []struct{ Rule int }
		}
		Summary struct{ Calls, Broken int }
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	e := got.Extents
	if got.Inode != "1152921504606846976" || got.Op != "REPORT" || len(e) != 6 || got.Summary.Broken != 2 || got.Summary.Calls != 7 {
		t.Fatalf("%s", b.String())
	}
	if e[0].Read.Address != "1048576" || e[0].Write.Type != "PURE_OVERWRITE" || e[1].Read.Address != "" || e[2].Read != nil || e[2].Length != "8192" ||
		e[3].Broken[0].Rule != 11 || e[3].Broken[0].Errno != "EUCLEAN" || e[4].Result != -38 || e[4].Warnings[0].Rule != 2 || e[5].Read.Flags != "SHARED" {
		t.Errorf("%s", b.String())
	}
}

func TestSVGIsWellFormedAndMarksWhatIsBroken(t *testing.T) {
	var b strings.Builder
	if err := walk(t, mixed, mapping.Request{Inode: 7, To: 8 * 4096}).WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	boxes, red, bands := -1, -1, 0 // the title of the drawing, and what explains the colour
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if s, ok := tok.(xml.StartElement); ok {
			switch s.Name.Local {
			case "title":
				boxes++
			case "polygon":
				bands++
			}
			for _, a := range s.Attr {
				if a.Name.Local == "class" && strings.HasSuffix(a.Value, " broken") {
					red++
				}
			}
		}
	}
	// Six in the file, two of them on devices; of the broken ones one is on a device.
	if boxes != 8 || bands != 2 || red != 3 {
		t.Errorf("%d boxes, %d bands, %d in red:\n%s", boxes, bands, red, b.String())
	}
	for _, want := range []string{">device 1<", ">device 2<", ">breaks a rule<", ">left to the server<", "rule 11: read.addr is 0x0"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the drawing lacks %s", want)
		}
	}
}

func TestPageHasTheDrawingAndEveryMapping(t *testing.T) {
	var b bytes.Buffer
	if err := walk(t, mixed, mapping.Request{Inode: 7, To: 8 * 4096}).WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	for _, f := range looktest.Faults(b.Bytes()) {
		t.Error(f)
	}
	if n := strings.Count(b.String(), "<span class=\"spot "); n != 6 {
		t.Errorf("the table has %d mappings, want 6", n)
	}
	for _, want := range []string{">device 2<", "2 broken rules", "rule 11: read.addr is 0x0", ">warning</span>", "2 ranges left to the server"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestAmountsOfBytesAreShort(t *testing.T) {
	// The axis of the file shows the ends of the range.
	for to, want := range map[uint64]string{4096: "4K", 3 << 20: "3M", 4097: "4097", 1 << 62: "4E", 1<<64 - 1: "18446744073709551615"} {
		var b strings.Builder
		if err := walk(t, mixed, mapping.Request{Inode: 7, To: to, Most: 3}).WriteSVG(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), ">"+want+"</text>") {
			t.Errorf("%d is not %s", to, want)
		}
	}
}

func TestWalkEndsWhateverIsAnswered(t *testing.T) {
	nonsense := map[string]abi.IomapIO{
		"empty":     {Offset: 0, Length: 0, Type: abi.FUSE_IOMAP_TYPE_HOLE, Addr: abi.FUSE_IOMAP_NULL_ADDR},
		"behind":    {Offset: 1 << 40, Length: 4096, Type: abi.FUSE_IOMAP_TYPE_HOLE, Addr: abi.FUSE_IOMAP_NULL_ADDR},
		"overflows": {Offset: 4096, Length: 1<<64 - 4096, Type: abi.FUSE_IOMAP_TYPE_HOLE, Addr: abi.FUSE_IOMAP_NULL_ADDR},
		"addresses": {Offset: 0, Length: 1 << 20, Type: abi.FUSE_IOMAP_TYPE_MAPPED, Addr: 1<<64 - 4096, Dev: 1},
	}
	for name, m := range nonsense {
		res := walk(t, answers(func(abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error) { return handled(m) }), mapping.Request{From: 100, To: 10 * 4096})
		if res.Broken() == 0 || res.Calls > 10 {
			t.Errorf("%s: %d calls, %d broken rules", name, res.Calls, res.Broken())
		}
		for _, write := range []func(io.Writer) error{res.WriteText, res.WriteJSON, res.WriteSVG, res.WriteHTML} {
			if err := write(io.Discard); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	// At the end of all positions there is no next block.
	res := walk(t, answers(func(abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error) {
		return abi.IomapBeginOut{}, abi.FIB_FALLBACK, nil
	}), mapping.Request{From: 1<<64 - 5000, To: 1<<64 - 1})
	if res.Calls != 2 || len(res.Extents) != 1 || res.Extents[0].Length != 4999 {
		t.Errorf("at the end: %+v", res)
	}
}

func TestWalkStopsAndSaysWhere(t *testing.T) {
	res := walk(t, mixed, mapping.Request{To: 1 << 30, Most: 2})
	if !res.Stopped || res.Next != 12288 || res.Calls != 2 {
		t.Errorf("%+v", res)
	}
	var b strings.Builder
	if err := res.WriteText(&b); err != nil || !strings.HasSuffix(b.String(), "; stopped at 12288 after 2 calls\n") {
		t.Errorf("%s, %v", b.String(), err)
	}
}

func TestWalkPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	_, err := mapping.Walk(answers(func(abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error) {
		return abi.IomapBeginOut{}, 0, broken
	}), mapping.Request{Inode: 3, From: 4096, To: 8193, Op: abi.FUSE_IOMAP_OP_REPORT})
	if !errors.Is(err, broken) || err.Error() != "broken\n\tasked for inode 3, position 4096, count 4097, operation REPORT" {
		t.Errorf("Walk gives %v", err)
	}
	if _, err := mapping.Walk(mixed, mapping.Request{From: 5, To: 5}); err == nil {
		t.Error("an empty range is walked")
	}
}

func ExampleWalk() {
	r, err := mapping.Walk(answers(func(in abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error) {
		return handled(abi.IomapIO{Offset: in.Pos, Length: 4096, Addr: in.Pos * 2, Type: abi.FUSE_IOMAP_TYPE_MAPPED, Dev: 1})
	}), mapping.Request{Inode: 1, To: 8192, FS: abi.FS{BlockSize: 4096, MaxFileSize: 1 << 40, Devices: map[uint32]abi.Device{1: {Readable: true}}, UncacheableOps: abi.FUSE_IOMAP_OP_REPORT}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := r.WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// OFFSET  LENGTH  TYPE    DEVICE  ADDRESS  FLAGS  WRITES
	// 0       4096    MAPPED  1       0x0      0      same
	// 4096    4096    MAPPED  1       0x2000   0      same
	// 2 mappings, 0 ranges left to the server, 0 broken rules, 0 warnings, 0 not checked
}
