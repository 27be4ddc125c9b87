// SPDX-License-Identifier: MIT

package abi

import "strconv"

// Errno is the error the kernel ends an operation with, by its Linux number on
// every architecture but MIPS, which numbers EUCLEAN 135. It does not depend on
// the operating system this runs on. It implements error, so that
// errors.Is(err, abi.EIO) works on what [Report.Err] returns.
type Errno uint16

// The errors that rules end in. They are the kernel's, not the header's.
const (
	EIO    Errno = 5  //abigen:constant -
	ENOMEM Errno = 12 //abigen:constant -
	EACCES Errno = 13 //abigen:constant -
	EINVAL Errno = 22 //abigen:constant -
	// EUCLEAN is what the kernel calls EFSCORRUPTED.
	EUCLEAN Errno = 117 //abigen:constant -
)

// Name returns the C name, such as "EUCLEAN", or the number in decimal for an
// error without a name here.
func (e Errno) Name() string {
	switch e {
	case EIO:
		return "EIO"
	case ENOMEM:
		return "ENOMEM"
	case EACCES:
		return "EACCES"
	case EINVAL:
		return "EINVAL"
	case EUCLEAN:
		return "EUCLEAN"
	}
	return strconv.Itoa(int(e))
}

// Error returns the name and the number, such as "EUCLEAN (117)".
func (e Errno) Error() string {
	if name := e.Name(); name != strconv.Itoa(int(e)) {
		return name + " (" + strconv.Itoa(int(e)) + ")"
	}
	return "errno " + strconv.Itoa(int(e))
}
