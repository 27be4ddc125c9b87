// SPDX-License-Identifier: MIT

package abi

import "slices"

// Rule describes one of the kernel's rules for what a program answers or a
// loader registers. The numbers are those that messages, the header and the
// documentation use; gaps are deliberate, what a program cannot violate has a
// number elsewhere.
type Rule struct {
	Number int // as in the documents; there are gaps
	// Title is a few words, Text the rule in full.
	Title string
	Text  string
	// Errno is what a violation ends in; 0 where nothing is refused.
	Errno Errno
	// Needs names the member of [FS] without which [Validate] cannot check the
	// rule, or cannot check it fully; empty where the answer alone suffices.
	Needs string
}

// Rules lists the rules that [Validate] and [IomapBPFOps.Validate] check, by
// number. Rule 22 is among them because others refer to it.
func Rules() []Rule { return slices.Clone(rules) }

// RuleByNumber returns the rule with number n.
func RuleByNumber(n int) (Rule, bool) {
	i, ok := slices.BinarySearchFunc(rules, n, func(r Rule, n int) int { return r.Number - n })
	if !ok {
		return Rule{}, false
	}
	return rules[i], true
}

// rules is sorted by number.
var rules = []Rule{
	{
		Number: 4, Errno: EUCLEAN, Title: "known mapping type",
		Text: "The type of each mapping is HOLE, DELALLOC, MAPPED, UNWRITTEN, INLINE, NOCACHE, RETRY_CACHE or PURE_OVERWRITE.",
	},
	{
		Number: 5, Errno: EUCLEAN, Title: "known mapping flags",
		Text: "The flags of each mapping have no bit outside 0xff. SIZE_CHANGED and STALE are passed to iomap_end, never answered.",
	},
	{
		Number: 6, Errno: EUCLEAN, Title: "mapping not empty",
		Text: "The length of each mapping is not 0.",
	},
	{
		Number: 7, Errno: EUCLEAN, Title: "whole blocks", Needs: "BlockSize",
		Text: "Offset and length of each mapping are multiples of the file system's block size.",
	},
	{
		Number: 8, Errno: EUCLEAN, Title: "file range does not overflow",
		Text: "Offset plus length of each mapping fits into 64 bits, unsigned.",
	},
	{
		Number: 9, Errno: EUCLEAN, Title: "below the maximum file size", Needs: "MaxFileSize",
		Text: "Each mapping begins below the file system's maximum file size.",
	},
	{
		Number: 10, Errno: EUCLEAN, Title: "allocated space is somewhere",
		Text: "A mapping of type MAPPED or UNWRITTEN has a device cookie and an address.",
	},
	{
		Number: 11, Errno: EUCLEAN, Title: "unallocated space is nowhere",
		Text: "A mapping of type HOLE, DELALLOC or INLINE has FUSE_IOMAP_DEV_NULL for a device and FUSE_IOMAP_NULL_ADDR for an address; address 0 is wrong.",
	},
	{
		Number: 12, Errno: EUCLEAN, Title: "pure overwrite refers to the read mapping",
		Text: "Only the write mapping is of type PURE_OVERWRITE, and then it has no flags, device FUSE_IOMAP_DEV_NULL and address FUSE_IOMAP_NULL_ADDR.",
	},
	{
		Number: 13, Errno: EUCLEAN, Title: "device range does not overflow",
		Text: "Where a mapping has an address, address plus length fits into 64 bits, unsigned.",
	},
	{
		Number: 14, Title: "address in whole sectors",
		Text: "The kernel does not check the alignment of an address: it drops what exceeds a multiple of 512 bytes, so the data would be found in the wrong place.",
	},
	{
		Number: 15, Errno: EUCLEAN, Title: "NOCACHE is no answer",
		Text: "Neither mapping of an answer is of type NOCACHE: it tells the cache functions to leave one side alone.",
	},
	{
		Number: 16, Errno: EUCLEAN, Title: "mapping begins at the position or before",
		Text: "Both mappings begin at or below the position that was asked for.",
	},
	{
		Number: 17, Errno: EUCLEAN, Title: "mapping ends after the position",
		Text: "Both mappings end after the position that was asked for. They need not cover the whole range.",
	},
	{
		Number: 18, Errno: EUCLEAN, Title: "retry only what can be cached", Needs: "UncacheableOps",
		Text: "The read mapping is not of type RETRY_CACHE for an operation that the mapping cache does not serve. The kernel does not test the write mapping.",
	},
	{
		Number: 19, Errno: EIO, Title: "atomic write to suitable space",
		Text: "For an operation with FUSE_IOMAP_OP_ATOMIC the write mapping, or the read mapping where that is PURE_OVERWRITE, is MAPPED or UNWRITTEN and has FUSE_IOMAP_F_ATOMIC_BIO.",
	},
	{
		Number: 20, Errno: EUCLEAN, Title: "registered device", Needs: "Devices",
		Text: "Each mapping of type MAPPED or UNWRITTEN has the cookie, 1 to 1024, of a device that the server has registered.",
	},
	{
		Number: 21, Errno: EACCES, Title: "device open for the access", Needs: "Devices",
		Text: "The server opened the device of a mapping that is used for reading, and for reading and writing where the operation writes to it: that is the device of the write mapping, or that of the read mapping under a pure overwrite.",
	},
	{
		Number: 22, Title: "which mapping is used",
		Text: "A write operation (WRITE, ZERO, UNSHARE or WRITEBACK) uses the write mapping, with the read mapping as the source of what it does not overwrite. A write mapping of type PURE_OVERWRITE, and every other operation, leaves the read mapping alone to be used.",
	},
	{
		Number: 23, Errno: ENOMEM, Title: "inline data within one block", Needs: "BlockSize",
		Text: "A mapping of type INLINE is at most one block long; with rules 6 and 7 that is exactly one block.",
	},
	{
		Number: 25, Errno: EUCLEAN, Title: "retry mapping filled in",
		Text: "A mapping of type RETRY_CACHE also obeys rules 5 to 9 and has no flags, device FUSE_IOMAP_DEV_NULL and address FUSE_IOMAP_NULL_ADDR. The kernel of February looks at none of these, only at rules 4, 16 and 17 (VariantF); fill every member to work with both.",
	},
	{
		Number: 36, Errno: EINVAL, Title: "name of the operations",
		Text: "The name in fuse_iomap_bpf_ops has 1 to 15 characters of A-Z, a-z, 0-9, _ and ., and ends in a NUL byte.",
	},
	{
		Number: 37, Errno: EINVAL, Title: "padding of the operations",
		Text: "Member zeropad of fuse_iomap_bpf_ops is 0.",
	},
}
