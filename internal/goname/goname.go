// SPDX-License-Identifier: MIT

// Package goname translates names between C and Go. The writer of Go source
// and the reader of Go packages share it, so that what one spells the other
// reads back.
//
// # From C to Go
//
// A C name is cut at its underscores into words. A word that is a known
// initialism is written in capitals, every other one gets a capital first
// letter and keeps the rest. So attr_ino becomes AttrIno, fuse_fd FuseFD and
// fuse_iomap_bpf_ops, without the prefix fuse_, IomapBPFOps. The result is
// always an exported Go identifier: a name that would begin with something
// that has no capital form, such as a digit, gets an X in front.
//
// # From Go to C
//
// [Snake] reverses the rule for a name made of lower-case words. It is not
// exact for every C name: leading, trailing and doubled underscores are lost,
// as are capitals within a word and underscores before digits. Whoever writes
// Go therefore compares and, where Snake does not return the C name, records
// it in a directive next to the declaration.
package goname

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// initialisms are the words written in capitals, sorted.
var initialisms = []string{
	"acl", "api", "ascii", "bpf", "btf", "cpu", "crc", "dax", "dma", "dns", "elf", "eof", "fd", "fifo", "gid", "gpu",
	"guid", "http", "id", "io", "ioctl", "ip", "irq", "lba", "lun", "mac", "mmio", "mtu", "numa", "nvme", "pci", "pid",
	"qos", "ram", "rom", "rpc", "tcp", "tid", "tls", "tlv", "ttl", "tty", "udp", "uid", "uri", "url", "usb", "utf",
	"uuid", "vfs", "vlan", "xdp",
}

func isInitialism(lower string) bool {
	_, ok := slices.BinarySearch(initialisms, lower)
	return ok
}

// Type returns the Go name of the C type c, without the prefix trim. A prefix
// that c does not have, or that is all of c, is not taken off.
func Type(c, trim string) string {
	if rest := strings.TrimPrefix(c, trim); strings.Trim(rest, "_") != "" {
		c = rest
	}
	return Field(c)
}

// Field returns the Go name of the C member c.
func Field(c string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(c, "_") {
		if word == "" {
			continue
		}
		if isInitialism(word) {
			b.WriteString(strings.ToUpper(word))
			continue
		}
		r, n := utf8.DecodeRuneInString(word)
		b.WriteRune(unicode.ToUpper(r))
		b.WriteString(word[n:])
	}
	s := b.String()
	if r, _ := utf8.DecodeRuneInString(s); !unicode.IsUpper(r) {
		s = "X" + s
	}
	return s
}

// Snake returns the C name of the Go name s: its words in lower case, joined
// by underscores. A run of capitals is one word, unless it is made of known
// initialisms alone: UIDGID is uid_gid.
func Snake(s string) string {
	var words []string
	rs := []rune(s)
	start := 0
	for i := 1; i <= len(rs); i++ {
		if i < len(rs) && !startsWord(rs, i) {
			continue
		}
		words = append(words, split(strings.ToLower(string(rs[start:i])), allUpper(rs[start:i]))...)
		start = i
	}
	return strings.Join(words, "_")
}

// startsWord reports whether a word begins at rs[i], i > 0: at a capital after
// anything else, and at the last capital of a run that small letters follow.
func startsWord(rs []rune, i int) bool {
	if !unicode.IsUpper(rs[i]) {
		return false
	}
	return !unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])
}

func allUpper(rs []rune) bool {
	return !slices.ContainsFunc(rs, func(r rune) bool { return !unicode.IsUpper(r) })
}

// split cuts a run of capitals, given in lower case, into initialisms. It
// prefers long ones at the front and returns the run whole if nothing fits.
func split(run string, upper bool) []string {
	if !upper || isInitialism(run) {
		return []string{run}
	}
	if words := segment(run); words != nil {
		return words
	}
	return []string{run}
}

func segment(run string) []string {
	if run == "" {
		return []string{}
	}
	for n := min(len(run), 5); n >= 2; n-- {
		if !isInitialism(run[:n]) {
			continue
		}
		if rest := segment(run[n:]); rest != nil {
			return append([]string{run[:n]}, rest...)
		}
	}
	return nil
}
