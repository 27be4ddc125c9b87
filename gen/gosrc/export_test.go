// SPDX-License-Identifier: MIT

package gosrc

// Standard lets the tests from outside share the standard library's types.
var Standard = standard
