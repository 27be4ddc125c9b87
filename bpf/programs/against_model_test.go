// SPDX-License-Identifier: MIT

package programs_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/internal/randomcalls"
	"github.com/fuseiomap/abigen/bpf/programs"
)

// callsOf reads how many random calls to make from the environment.
func callsOf(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		if testing.Short() {
			return otherwise / 10
		}
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q: give the number of calls for each program", variable, text)
	}
	return n
}

// callsPerCase is how many calls a program is put to with one set of
// parameters.
const callsPerCase = 200

// orders in turn: every second case is big-endian, and all revisions come up.
func surroundings(number uint64) (binary.ByteOrder, string) {
	var order binary.ByteOrder = binary.LittleEndian
	if number%2 == 1 {
		order = binary.BigEndian
	}
	return order, []string{"R2", "R3", "R4"}[number%3]
}

// playModel puts a program to random calls and says what is wrong with the
// first answer that the model disagrees with.
func playModel(tp *randomcalls.Tape, number uint64, source randomcalls.Source, calls int) error {
	w := source.Make(tp)
	order, revision := surroundings(number)
	var entered []emu.CacheUpdate
	x, err := programs.Emulate(w.Params, order, emu.IomapOptions{Revision: revision, Upsert: func(u emu.CacheUpdate) int32 {
		entered = append(entered, u)
		return 0
	}})
	if err != nil {
		return err
	}
	store := programs.InEmulator(x.Machine)
	for i := range calls {
		c := source.Next(w, tp)
		where := func(err error) error {
			return fmt.Errorf("%s, %s, %s\nparameters %+v\ncall %d: %v\n%w", w.Program.Name(), revision, order, w.Params, i, c, err)
		}
		if c.Store != nil {
			if err := c.Store(store); err != nil {
				return where(err)
			}
			continue
		}
		entered = entered[:0]
		out, ret, err := x.Begin(c.Inode, *c.Begin)
		if err == nil {
			err = randomcalls.Judge(w.Program, c.Layout, w.Block, *c.Begin, out, ret)
		}
		if err == nil && w.Program == programs.Cached {
			err = judgeCache(w, c, revision, out, ret, entered)
		}
		if err != nil {
			return where(err)
		}
	}
	return nil
}

// judgeCache checks what was entered into the mapping cache: the answer, then
// what follows it, no more than was wanted, and no further than the request.
func judgeCache(w *randomcalls.World, c randomcalls.Call, revision string, out abi.IomapBeginOut, ret abi.IomapBPFRet, entered []emu.CacheUpdate) error {
	if ret != abi.FIB_HANDLED || revision == "R2" {
		if len(entered) > 0 {
			return fmt.Errorf("%d mappings entered into the cache", len(entered))
		}
		return nil
	}
	ahead := int(w.Params.(programs.CachedParams).Ahead)
	if n := len(entered); n == 0 || n > 1+ahead || *entered[0].Read != out.Read || *entered[0].Write != out.Write {
		return fmt.Errorf("%d mappings entered into the cache, the first not the answer or too many", n)
	}
	last := c.Begin.Pos + c.Begin.Count
	if last < c.Begin.Pos {
		last = ^uint64(0)
	}
	at := out.Read.Offset
	for i, u := range entered {
		if u.NodeID != c.Inode || u.Read.Offset != at || i > 0 && at >= last {
			return fmt.Errorf("entry %d of the cache is %+v of inode %d", i, *u.Read, u.NodeID)
		}
		in := abi.IomapBeginIn{Pos: at, Count: 1}
		if err := randomcalls.Judge(w.Program, c.Layout, w.Block, in, abi.IomapBeginOut{Read: *u.Read, Write: *u.Write}, abi.FIB_HANDLED); err != nil {
			return fmt.Errorf("entry %d of the cache: %w", i, err)
		}
		at += u.Read.Length
	}
	if len(entered) < 1+ahead && at < last && c.Layout.At(at).Mine {
		return errors.New("less entered into the cache than the request reaches")
	}
	return nil
}

func TestProgramsAgreeWithTheModel(t *testing.T) {
	n := callsOf(t, "ABIGEN_MODEL_CALLS", 20000)
	for _, m := range randomcalls.Mappers {
		t.Run(m.Program.Name(), func(t *testing.T) {
			t.Parallel()
			for number := uint64(0); int(number)*callsPerCase < n; number++ {
				tp := randomcalls.Record(randomcalls.Seed, number)
				err := playModel(tp, number, m, callsPerCase)
				if err == nil {
					continue
				}
				least := randomcalls.Shrink(tp.Choices, 3000, func(tp *randomcalls.Tape) bool { return playModel(tp, number, m, callsPerCase) != nil })
				t.Fatalf("seed %d, case %d: %v\nwith the fewest choices: %v", randomcalls.Seed, number, err, playModel(&randomcalls.Tape{Choices: least}, number, m, callsPerCase))
			}
		})
	}
}
