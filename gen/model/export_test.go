// SPDX-License-Identifier: MIT

package model

// ToJSON gives tests what a snapshot says, for the standard library to write.
func ToJSON(a *ABI) any { return toJSON(a) }
