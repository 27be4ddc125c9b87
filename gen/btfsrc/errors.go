// SPDX-License-Identifier: MIT

package btfsrc

import (
	"errors"
	"fmt"
)

// What callers branch on.
var (
	// ErrNotBTF: the input is neither raw BTF nor an ELF file.
	ErrNotBTF = errors.New("not BTF")
	// ErrNoBTF: the ELF file or the running kernel carries no BTF.
	ErrNoBTF = errors.New("no BTF")
	// ErrDamaged: the BTF contradicts itself: truncated, corrupted, or made
	// to mislead.
	ErrDamaged = errors.New("damaged BTF")
	// ErrNeedBase: the input is split BTF and the base it extends cannot be
	// read.
	ErrNeedBase = errors.New("split BTF needs its base")
	// ErrWrongBase: the input is split BTF and extends another base than the
	// one given.
	ErrWrongBase = errors.New("the base is not the one this split BTF extends")
)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}
