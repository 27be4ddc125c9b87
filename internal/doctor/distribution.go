// SPDX-License-Identifier: MIT

package doctor

import (
	"bufio"
	"bytes"
	"io/fs"
	"slices"
	"strings"
)

// distribution is how packages are called and installed.
type distribution struct {
	// ids are values of ID and ID_LIKE in os-release.
	ids []string
	// install is the command before the names of packages; "" is an unknown
	// distribution.
	install string
	// packages are what the remedies name, by ID of the item.
	packages map[string]string
}

// distributions lists those whose packages are known. A derivative names in
// ID_LIKE what it is made from.
var distributions = []distribution{
	{[]string{"debian", "ubuntu"}, "apt-get install", map[string]string{
		"clang": "clang-19", "llvm-strip": "llvm-19", "libbpf": "libbpf-dev linux-libc-dev"}},
	{[]string{"fedora", "rhel", "centos"}, "dnf install", map[string]string{
		"clang": "clang", "llvm-strip": "llvm", "libbpf": "libbpf-devel kernel-headers"}},
	{[]string{"suse", "opensuse", "sles"}, "zypper install", map[string]string{
		"clang": "clang", "llvm-strip": "llvm", "libbpf": "libbpf-devel linux-glibc-devel"}},
	{[]string{"arch"}, "pacman -S", map[string]string{
		"clang": "clang", "llvm-strip": "llvm", "libbpf": "libbpf linux-api-headers"}},
	{[]string{"alpine"}, "apk add", map[string]string{
		"clang": "clang", "llvm-strip": "llvm", "libbpf": "libbpf-dev linux-headers"}},
}

// installs returns a remedy: the command that installs what an item needs, or
// words for a distribution that is not known.
func installs(item, words string) func(distribution) string {
	return func(d distribution) string {
		if p := d.packages[item]; p != "" {
			return d.install + " " + p
		}
		return words
	}
}

// distributionOf reads os-release, as os-release(5) says.
func distributionOf(files fs.FS) distribution {
	for _, name := range []string{"etc/os-release", "usr/lib/os-release"} {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			continue
		}
		for _, id := range releaseIDs(text) {
			i := slices.IndexFunc(distributions, func(d distribution) bool { return slices.Contains(d.ids, id) })
			if i >= 0 {
				return distributions[i]
			}
		}
		break
	}
	return distribution{}
}

// releaseIDs returns the ID and what it is like, in that order.
func releaseIDs(text []byte) []string {
	values := map[string]string{}
	sc := bufio.NewScanner(bytes.NewReader(text))
	for sc.Scan() {
		name, value, _ := strings.Cut(strings.TrimSpace(sc.Text()), "=")
		values[name] = strings.ToLower(strings.Trim(value, `"'`))
	}
	return append([]string{values["ID"]}, strings.Fields(values["ID_LIKE"])...)
}
