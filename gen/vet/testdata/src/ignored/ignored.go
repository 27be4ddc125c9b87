// SPDX-License-Identifier: MIT

// Package ignored has a mistake in a file that the machine of the test ignores.
package ignored
