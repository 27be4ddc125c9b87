// SPDX-License-Identifier: MIT

// Package look is what the pages and drawings of abigen have in common: their
// colours, the style sheet, the frame of a page, a record's bytes in rows of
// eight, and two records side by side.
//
// A page stands alone. It asks for nothing, which its Content-Security-Policy
// makes the browser hold it to; it follows the reader's light or dark scheme,
// fits a phone, and prints with everything open. What the keyboard cannot reach
// is not there for a pointer either, and no colour says what a word does not.
package look
