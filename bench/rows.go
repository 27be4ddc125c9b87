// SPDX-License-Identifier: MIT

package main

import "slices"

// sectionTitles are the sections in their order. The kernel's look-ups are last:
// they fill this process with extents, and the memory of a child counts from what
// its parent has when it starts it.
var sectionTitles = []struct{ id, title string }{
	{"generate", "Making Go of declarations"},
	{"headers", "Reading every header of the kernel"},
	{"drift", "Comparing two revisions"},
	{"matrix", "Comparing many kernels"},
	{"codec", "Encoding and decoding records"},
	{"interpreter", "The interpreter"},
	{"kernel", "Programs in the kernel"},
	{"upcall", "Answers in the kernel, and what they replace"},
	{"attach", "Attaching"},
	{"extents", "Look-ups among many extents"},
}

// rows are all rows there are.
func rows() []Row {
	return slices.Concat(generateRows(), headerRows(), driftRows(), matrixRows(), codecRows(), interpreterRows(),
		kernelRows(), upcallRows(), attachRows(), extentsRows())
}
