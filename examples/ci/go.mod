// SPDX-License-Identifier: MIT

module example.org/flows

go 1.26.0
