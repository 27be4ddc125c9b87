// SPDX-License-Identifier: MIT

package wrong

//abigen:record task
type Task struct {
	Self  *byte // want `task.self: A Go pointer holds an address that C wrote: the garbage collector takes it for Go memory and stops the program when it is not: use uint64`
	Start uint64
}
