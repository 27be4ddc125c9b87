// SPDX-License-Identifier: MIT

package conformance

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/libc"
)

// Folders are the parts of the kernel's user-space API that are compared.
var Folders = []string{"asm", "asm-generic", "drm", "linux", "misc", "mtd", "rdma", "scsi", "sound", "video", "xen"}

// ErrNoHeaders is wrapped by the error of [Trees] where headers are not
// installed.
var ErrNoHeaders = errors.New("the kernel's headers are not installed")

// origin says which architecture's headers a target is compared on.
type origin struct {
	// debian is the architecture in the name of the package, dir the directory
	// below /usr that it installs to.
	debian, dir string
}

var origins = map[string]origin{
	"bpfel": {"amd64", "x86_64-linux-gnu"}, "bpfeb": {"amd64", "x86_64-linux-gnu"},
	"amd64": {"amd64", "x86_64-linux-gnu"}, "386": {"i386", "i686-linux-gnu"},
	"arm64": {"arm64", "aarch64-linux-gnu"}, "arm": {"armhf", "arm-linux-gnueabihf"},
	"riscv64": {"riscv64", "riscv64-linux-gnu"}, "ppc64le": {"ppc64el", "powerpc64le-linux-gnu"},
	"s390x": {"s390x", "s390x-linux-gnu"}, "loong64": {"loong64", "loongarch64-linux-gnu"},
	"mips": {"mips", "mips-linux-gnu"}, "mips64le": {"mips64el", "mips64el-linux-gnuabi64"},
}

// Tree is the headers that a target is compared on.
type Tree struct {
	Target model.Target
	// Root is the directory that has linux/ and the other folders.
	Root string
	// Dirs is the include path, Root in it, for both sides.
	Dirs []string
	// Headers are the headers' names, such as "linux/fuse.h", sorted.
	Headers []string
	// Note says what is particular about the tree; it may be empty.
	Note string
}

// Trees finds the headers of the targets. dir is a directory for the stand-ins
// of a C library; usr is where the packages are installed, "/usr". The error
// names every package that is missing.
func Trees(c *Clang, targets []model.Target, usr, dir string) ([]*Tree, error) {
	usr, err := filepath.Abs(usr)
	if err != nil {
		return nil, err
	}
	stubs := filepath.Join(dir, "libc")
	if err := os.CopyFS(stubs, libc.FS()); err != nil {
		return nil, err
	}
	var out []*Tree
	var missing []string
	for _, t := range targets {
		o, ok := origins[t.Name]
		if !ok {
			return nil, fmt.Errorf("target %s: no package is known that has its headers", t.Name)
		}
		tree := &Tree{Target: t, Root: filepath.Join(usr, o.dir, "include")}
		if t.BPF {
			tree.Note = "asm/ is amd64's: BPF has none"
		}
		if !exists(filepath.Join(tree.Root, "asm/types.h")) && t.Name == "loong64" {
			// No package has loong64's. Most of its asm/ are the generic files.
			tree.Note = "asm/ is not compared, asm-generic/ stands in for it: Debian has no package of loong64's"
			tree.Root = filepath.Join(usr, origins["amd64"].dir, "include")
			o = origins["amd64"]
			overlay := filepath.Join(dir, "loong64")
			if err := os.MkdirAll(overlay, 0o755); err != nil {
				return nil, err
			}
			if err := os.Symlink(filepath.Join(tree.Root, "asm-generic"), filepath.Join(overlay, "asm")); err != nil {
				return nil, err
			}
			tree.Dirs = append(tree.Dirs, overlay)
		}
		if !exists(filepath.Join(tree.Root, "asm/types.h")) {
			if p := "linux-libc-dev-" + o.debian + "-cross"; !slices.Contains(missing, p) {
				missing = append(missing, p)
			}
			continue
		}
		overlaid := len(tree.Dirs) > 0
		tree.Dirs = append(tree.Dirs, c.Include, tree.Root, stubs)
		for _, folder := range Folders {
			if folder == "asm" && overlaid {
				continue
			}
			err := filepath.WalkDir(filepath.Join(tree.Root, folder), func(path string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() && strings.HasSuffix(path, ".h") {
					rel, _ := filepath.Rel(tree.Root, path)
					tree.Headers = append(tree.Headers, filepath.ToSlash(rel))
				}
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrNoHeaders, err)
			}
		}
		slices.Sort(tree.Headers)
		out = append(out, tree)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%w: apt-get install %s", ErrNoHeaders, strings.Join(missing, " "))
	}
	return out, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
