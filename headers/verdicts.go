// SPDX-License-Identifier: MIT

package headers

import _ "embed"

// Verdicts is verdicts.txt: what comparing each fixture with the contract must
// find, in the form its first lines describe.
//
//go:embed verdicts.txt
var Verdicts string
