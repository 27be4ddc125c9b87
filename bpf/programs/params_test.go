// SPDX-License-Identifier: MIT

package programs_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/internal/randomcalls"
	"github.com/fuseiomap/abigen/bpf/programs"
)

func TestWrongParametersAreNamed(t *testing.T) {
	strip := programs.Strip{Device: 1}
	seventeen := make([]programs.Strip, 17)
	for i := range seventeen {
		seventeen[i] = programs.Strip{Addr: uint64(i) << 30, Device: 1}
	}
	interleave := func(e ...programs.InterleavedExtent) programs.Params {
		return programs.InterleaveParams{Files: []programs.InterleaveFile{{Inode: 9, Extents: e}}}
	}
	extents := func(e ...programs.Extent) programs.Params {
		return programs.ExtentsParams{Files: []programs.ExtentsFile{{Inode: 9, Extents: e}}}
	}
	stripe := func(p programs.StripeParams) programs.Params {
		if p.ChunkSize == 0 {
			p.ChunkSize = 4096
		}
		if p.Devices == nil {
			p.Devices = []uint32{1, 2}
		}
		return p
	}
	linear := func(f ...programs.LinearFile) programs.Params { return programs.LinearParams{Files: f} }
	ok := programs.Extent{Offset: 8192, Length: 8192, Device: 1}
	for _, c := range []struct {
		name   string
		params programs.Params
		want   string
	}{
		{"no block size", programs.LinearParams{BlockSize: 1000}, "linear: BlockSize: 1000 is no power of two"},
		{"block below a sector", programs.LinearParams{BlockSize: 256}, "linear: BlockSize: 256 is no power of two"},
		{"no length", linear(programs.LinearFile{Inode: 9, Device: 1}), "linear: Files[0].Length (inode 9): it is 0"},
		{"odd length", linear(programs.LinearFile{Inode: 9, Device: 1, Length: 100}), "linear: Files[0].Length (inode 9): 100 is not a multiple of the block size of 4096"},
		{"too long", linear(programs.LinearFile{Inode: 9, Device: 1, Length: 1<<63 + 4096}), "more than the 9223372036854775808 bytes a file can have"},
		{"odd address", linear(programs.LinearFile{Inode: 9, Device: 1, Length: 4096, Addr: 100}), "Files[0].Addr (inode 9): 0x64 is not a multiple of 512"},
		{"address overflows", linear(programs.LinearFile{Inode: 9, Device: 1, Length: 4096, Addr: 1<<64 - 512}), "0xfffffffffffffe00 plus 4096 bytes does not fit into 64 bits"},
		{"no device", linear(programs.LinearFile{Inode: 9, Length: 4096}), "Files[0].Device (inode 9): 0 is no device cookie"},
		{"device too great", linear(programs.LinearFile{Inode: 9, Length: 4096, Device: 1025}), "1025 is no device cookie"},
		{"inode twice", linear(programs.LinearFile{Inode: 9, Length: 4096, Device: 1}, programs.LinearFile{Inode: 9, Length: 4096, Device: 1}), "Files[1].Inode: 9 has an entry already, Files[0]"},
		{"no chunk size", programs.StripeParams{Devices: []uint32{1}}, "stripe: ChunkSize: it is 0"},
		{"odd chunk size", stripe(programs.StripeParams{ChunkSize: 5000}), "stripe: ChunkSize: 5000 is not a multiple"},
		{"chunk too long", stripe(programs.StripeParams{ChunkSize: 1<<63 + 4096}), "stripe: ChunkSize: 9223372036854779904 is more"},
		{"no devices", stripe(programs.StripeParams{Devices: []uint32{}}), "stripe: Devices: there are 0: give 1 to 256"},
		{"too many devices", stripe(programs.StripeParams{Devices: make([]uint32, 257)}), "there are 257"},
		{"device twice", stripe(programs.StripeParams{Devices: []uint32{4, 5, 4}}), "stripe: Devices[2]: 4 is also Devices[0]"},
		{"bad device", stripe(programs.StripeParams{Devices: []uint32{4, 0}}), "stripe: Devices[1]: 0 is no device cookie"},
		{"rows overflow", stripe(programs.StripeParams{ChunkSize: 1 << 62, Files: []programs.StripeFile{{Inode: 9, Length: 1 << 63, Base: 3 << 62}}}), "stripe: Files[0].Base (inode 9): 0xc000000000000000 plus 4611686018427387904 bytes does not fit"},
		{"too far ahead", programs.CachedParams{Ahead: 33}, "cached: Ahead: 33 is more than 32"},
		{"chunk of cached", programs.CachedParams{}, "cached: ChunkSize: it is 0"},
		{"no extents", interleave(), "interleave: Files[0].Extents (inode 9): there are 0"},
		{"too many extents", interleave(make([]programs.InterleavedExtent, 33)...), "there are 33: give 1 to 32"},
		{"no strips", interleave(programs.InterleavedExtent{Length: 4096}), "interleave: Files[0].Extents[0].Strips (inode 9): there are 0"},
		{"strips over 16", interleave(programs.InterleavedExtent{Length: 4096, ChunkSize: 4096, Strips: seventeen}), "Files[0].Extents[0].Strips (inode 9): there are 17: give 1 to 16"},
		{"strips without chunk", interleave(programs.InterleavedExtent{Length: 4096, Strips: seventeen[:2]}), "Files[0].Extents[0].ChunkSize (inode 9): it is 0"},
		{"strips overlap", interleave(programs.InterleavedExtent{Length: 65536, ChunkSize: 4096, Strips: []programs.Strip{{Device: 1}, {Device: 1, Addr: 4096}}}), "Files[0].Extents[0].Strips[1].Addr (inode 9): the strip's 32768 bytes overlap those of Strips[0] on device 1"},
		{"strips continue", interleave(programs.InterleavedExtent{Length: 8192, ChunkSize: 4096, Strips: []programs.Strip{{Device: 1}, {Device: 1, Addr: 4096}}}), "it continues where Strips[0] ends"},
		{"extents continue", interleave(programs.InterleavedExtent{Length: 8192, Strips: []programs.Strip{{Device: 1}}}, programs.InterleavedExtent{Length: 4096, Strips: []programs.Strip{{Device: 1, Addr: 8192}}}), "Files[0].Extents[1].Strips[0].Addr (inode 9): it continues where Extents[0] ends"},
		{"file too long", interleave(programs.InterleavedExtent{Length: 1 << 63, Strips: []programs.Strip{strip}}, programs.InterleavedExtent{Length: 4096, Strips: []programs.Strip{{Device: 2}}}), "Files[0].Extents[1].Length (inode 9): the extents up to this one are 9223372036854779904 bytes"},
		{"strip overflows", interleave(programs.InterleavedExtent{Length: 1 << 62, Strips: []programs.Strip{{Device: 1, Addr: 1<<64 - 4096}}}), "Files[0].Extents[0].Strips[0].Addr (inode 9)"},
		{"strip without device", interleave(programs.InterleavedExtent{Length: 4096, Strips: []programs.Strip{{}}}), "Files[0].Extents[0].Strips[0].Device (inode 9): 0 is no device"},
		{"unsorted", extents(ok, programs.Extent{Offset: 0, Length: 4096, Device: 1}), "extents: Files[0].Extents[1].Offset (inode 9): 0 is before that of Extents[0], 8192: sort"},
		{"overlapping", extents(ok, programs.Extent{Offset: 12288, Length: 8192, Device: 1}), "Files[0].Extents[1].Offset (inode 9): 12288 is inside Extents[0], which ends at 16384"},
		{"same offset", extents(ok, ok), "Files[0].Extents[1].Offset (inode 9): 8192 is inside Extents[0]"},
		{"empty extent", extents(programs.Extent{Device: 1}), "Files[0].Extents[0].Length (inode 9): it is 0"},
		{"odd offset", extents(programs.Extent{Offset: 10, Length: 4096, Device: 1}), "Files[0].Extents[0].Offset (inode 9): 10 is not a multiple"},
		{"past the end", extents(programs.Extent{Offset: 1<<63 - 4096, Length: 8192, Device: 1}), "Files[0].Extents[0].Length (inode 9): offset 9223372036854771712 plus length 8192 is past"},
		{"extent overflows", extents(programs.Extent{Length: 8192, Addr: 1<<64 - 4096, Device: 1}), "Files[0].Extents[0].Addr (inode 9)"},
		{"flags", extents(programs.Extent{Length: 8192, Device: 1, Flags: abi.FUSE_IOMAP_F_STALE}), "Files[0].Extents[0].Flags (inode 9): an extent must not have STALE"},
		{"too many inodes", programs.ExtentsParams{MaxInodes: 1, Files: make([]programs.ExtentsFile, 2)}, "extents: MaxInodes: there are 2 files"},
		{"pattern overflows", programs.PatternParams{Device: 1, Base: 1<<64 - 4096}, "pattern: Base"},
		{"pattern too long", programs.PatternParams{Device: 1, Blocks: 1 << 52}, "pattern: Blocks: 4503599627370496 blocks"},
		{"size too great", programs.AppendParams{Files: []programs.AppendFile{{Inode: 3, Size: 1<<63 + 1}}}, "append: Files[0].Size (inode 3)"},
		{"ring of append", programs.AppendParams{Ring: 5000}, "append: Ring: 5000 is no power of two"},
		{"ring of observe", programs.ObserveParams{Ring: 2048}, "observe: Ring: 2048 is no power of two"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.params.Validate()
			var pe *programs.ParamError
			if !errors.As(err, &pe) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Validate: %v\nwant %s", err, c.want)
			}
			if fill := c.params.Fill(nil); fill == nil || fill.Error() != err.Error() {
				t.Errorf("Fill: %v", fill)
			}
			if conf := c.params.Configure(nil); conf == nil || conf.Error() != err.Error() {
				t.Errorf("Configure: %v", conf)
			}
		})
	}
}

func TestTextThatIsNoParametersIsNamed(t *testing.T) {
	const asked = "they are one JSON object with the members BlockSize, ChunkSize, Devices, Files, Ahead"
	for text, want := range map[string]string{
		`{"Ahead": 1, "Chunk": 4096}`:          `unknown field "Chunk"`,
		`{"Ahead": -1}`:                        "number -1",
		`{"Ahead": 1} {"Ahead": 2}`:            "something follows them after byte 12",
		`{"Ahead": 1}]`:                        "something follows them",
		`{"Files": [{"Inode": 1, "Leng": 1}]}`: `unknown field "Leng"`,
		`{`:                                    "unexpected EOF",
		``:                                     "EOF",
	} {
		_, err := programs.DecodeParams(programs.Cached, []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), asked) {
			t.Errorf("%s: %v, want %s and what there is", text, err, want)
		}
	}
	p, err := programs.DecodeParams(programs.Cached, []byte(" {\"Ahead\": 1, \"ChunkSize\": 4096}\n"))
	if err != nil || p.(programs.CachedParams).Ahead != 1 || p.(programs.CachedParams).ChunkSize != 4096 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestParametersOfAnotherProgramAreRefused(t *testing.T) {
	for _, p := range []programs.Params{
		programs.StripeParams{ChunkSize: 4096, Devices: []uint32{1}}, programs.CachedParams{StripeParams: programs.StripeParams{ChunkSize: 4096, Devices: []uint32{1}}},
		programs.PatternParams{Device: 1}, programs.ExtentsParams{}, programs.AppendParams{}, programs.ObserveParams{},
	} {
		spec, err := programs.Linear.Spec(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Configure(spec); err == nil || !strings.Contains(err.Error(), "is it of this program?") {
			t.Errorf("%s: Configure of linear's object gives %v", p.Program().Name(), err)
		}
	}
	x, err := programs.Emulate(programs.PatternParams{Device: 1}, nil, emu.IomapOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := programs.LinearParams{Files: []programs.LinearFile{{Inode: 1, Length: 4096, Device: 1}}}
	if err := p.Fill(programs.InEmulator(x.Machine)); err == nil || !strings.Contains(err.Error(), `linear: inode 1: emu: no map "runs"`) {
		t.Errorf("Fill of pattern's maps gives %v", err)
	}
}

func TestRemovingAnUnknownInodeSaysSo(t *testing.T) {
	p := programs.ExtentsParams{}
	x, err := programs.Emulate(p, nil, emu.IomapOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Remove(programs.InEmulator(x.Machine), 77); !errors.Is(err, ebpf.ErrKeyNotExist) || !strings.Contains(err.Error(), "extents: inode 77") {
		t.Errorf("Remove gives %v", err)
	}
}

func TestPutChecksWhatItEnters(t *testing.T) {
	p := programs.StripeParams{ChunkSize: 4096, Devices: []uint32{1, 2}}
	x, err := programs.Emulate(p, nil, emu.IomapOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Put(programs.InEmulator(x.Machine), programs.StripeFile{Inode: 3, Length: 1}); err == nil || !strings.Contains(err.Error(), "stripe: File.Length (inode 3): 1 is not a multiple") {
		t.Errorf("Put gives %v", err)
	}
}

// The tree has another shape for each number of extents.
func TestExtentsOfEveryDepthAgreeWithTheModel(t *testing.T) {
	counts := []uint64{1, 7, 8, 9, 64, 65, 127, 2048, 2049, 4097, 524288, 524289}
	if testing.Short() {
		counts = counts[:len(counts)-2]
	}
	for _, n := range counts {
		r := randomcalls.Regular{Count: n, Length: 8192, Stride: 12288}
		x, err := programs.Emulate(programs.ExtentsParams{Files: []programs.ExtentsFile{r.File(1)}}, []binary.ByteOrder{binary.LittleEndian, binary.BigEndian}[n%2], emu.IomapOptions{})
		if err != nil {
			t.Fatal(err)
		}
		tp := randomcalls.Record(randomcalls.Seed, n)
		end := n*r.Stride + 1<<20
		for i := range uint64(1500) {
			pos := tp.N(end)
			if i%3 == 0 { // on from where the last one was
				pos = i * r.Stride / 3 % end
			}
			in := abi.IomapBeginIn{Pos: pos, Count: tp.N(1 << 16)}
			out, ret, err := x.Begin(1, in)
			if err == nil {
				err = randomcalls.Judge(programs.Extents, r, 4096, in, out, ret)
			}
			if err != nil {
				t.Fatalf("%d extents, seed %d, call %d, %+v: %v", n, randomcalls.Seed, i, in, err)
			}
		}
	}
}

func TestEveryProgramHasAnObjectInBothByteOrders(t *testing.T) {
	for _, p := range programs.All() {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			spec, err := p.Spec(order)
			if err != nil || spec.ByteOrder != order {
				t.Errorf("%s: %v, %v", p.Name(), err, spec)
				continue
			}
			if spec.Maps[p.Name()] == nil || spec.Maps[p.Name()].Type != ebpf.StructOpsMap {
				t.Errorf("%s: no struct_ops map of that name", p.Name())
			}
		}
		if q, ok := programs.ByName(p.Name()); !ok || q != p || p.Doc() == "" {
			t.Errorf("ByName(%q) = %v, %v", p.Name(), q, ok)
		}
	}
	if _, ok := programs.ByName("none"); ok {
		t.Error("there is a program \"none\"")
	}
}
