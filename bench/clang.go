// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// folders are those of /usr/include that hold the kernel's headers.
var folders = strings.Fields("linux asm asm-generic drm rdma mtd sound scsi xen misc video")

// searchList returns where clang looks for included files.
func searchList(clang string) ([]string, error) {
	out, err := exec.Command(clang, "-E", "-v", "-x", "c", os.DevNull).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s -E -v: %w\n%s", clang, err, out)
	}
	return parseSearchList(string(out)), nil
}

func parseSearchList(s string) []string {
	var dirs []string
	_, s, _ = strings.Cut(s, "#include <...> search starts here:\n")
	s, _, _ = strings.Cut(s, "End of search list.")
	for _, line := range strings.Split(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			dirs = append(dirs, line)
		}
	}
	return dirs
}

// frontend returns the command that the clang driver runs, without its input:
// given many files it compiles them one after the other in one process, which
// the driver never asks for.
func frontend(clang, header string) ([]string, error) {
	out, err := exec.Command(clang, "-###", "-fsyntax-only", "-w", "-x", "c", header).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s -###: %w\n%s", clang, err, out)
	}
	return parseFrontend(string(out))
}

func parseFrontend(s string) ([]string, error) {
	for _, line := range strings.Split(s, "\n") {
		if !strings.Contains(line, `"-cc1"`) {
			continue
		}
		var argv []string
		for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("clang -###: %q: %w", line, err)
			}
			arg, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, fmt.Errorf("clang -###: %q: %w", quoted, err)
			}
			argv = append(argv, arg)
			line = line[len(quoted):]
		}
		if i := slices.Index(argv, "-main-file-name"); i >= 0 {
			argv = slices.Delete(argv, i, i+2)
		}
		return argv[:len(argv)-1], nil
	}
	return nil, errors.New("clang -###: no -cc1 command in its output")
}

// kernelHeaders lists the headers in the folders below dirs.
func kernelHeaders(dirs []string) ([]string, error) {
	var all []string
	for _, dir := range dirs {
		for _, f := range folders {
			err := filepath.WalkDir(filepath.Join(dir, f), func(path string, d fs.DirEntry, err error) error {
				switch {
				case errors.Is(err, fs.ErrNotExist):
					return nil
				case err == nil && !d.IsDir() && strings.HasSuffix(path, ".h"):
					all = append(all, path)
				}
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
