// SPDX-License-Identifier: MIT

package repotest

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// root is the top of the repository: tests run in their package's directory.
const root = "../.."

const modulePath = "github.com/fuseiomap/abigen"

var update = flag.Bool("update", false, "rewrite the generated files instead of comparing with them")

// read returns the text of a file named by its path in the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var listed = sync.OnceValues(func() ([]string, error) {
	paths, err := tracked()
	if err != nil {
		paths, err = walked()
	}
	return paths, err
})

// files returns the paths of the repository's files, slash-separated: what git
// tracks or would, or where there is no git or no clone (a release archive, the module
// cache) every file below the root.
func files(t *testing.T) []string {
	t.Helper()
	paths, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func tracked() ([]string, error) {
	// The ownership check protects against hooks and settings of a stranger's
	// clone; listing names runs neither, and containers often run as another
	// user than the one who cloned.
	out, err := exec.Command("git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return nil, err
	}
	var paths []string
	for p := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		// A file deleted in the working tree but not yet in the index is gone.
		if _, err := os.Lstat(filepath.Join(root, p)); err == nil {
			paths = append(paths, p)
		}
	}
	if len(paths) == 0 {
		return nil, errors.New("git tracks no files here")
	}
	return paths, nil
}

func walked() ([]string, error) {
	var paths []string
	err := fs.WalkDir(os.DirFS(root), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == ".git":
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir():
			paths = append(paths, p)
		}
		return nil
	})
	return paths, err
}

// otherModules returns a function that tells whether a file belongs to a module
// that is not of this project, as a repository to copy is.
func otherModules(t *testing.T) func(file string) bool {
	t.Helper()
	var dirs []string
	for _, f := range files(t) {
		if path.Base(f) == "go.mod" && !strings.Contains(read(t, f), "\nmodule "+modulePath) {
			dirs = append(dirs, path.Dir(f)+"/")
		}
	}
	return func(file string) bool {
		return slices.ContainsFunc(dirs, func(dir string) bool { return strings.HasPrefix(file, dir) })
	}
}

// toolDir is where a test may leave a built command for the others.
var toolDir string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "abigen-repotest-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		toolDir = dir
		return m.Run()
	}())
}
