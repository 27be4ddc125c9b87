// SPDX-License-Identifier: MIT

package bpf

import (
	"errors"
	"io"

	"github.com/cilium/ebpf"

	"github.com/fuseiomap/abigen/gen/model"
)

// Object is a compiled BPF object, read and not yet loaded. Load takes it any
// number of times and does not change it.
type Object struct {
	spec  *ebpf.CollectionSpec
	model *model.ABI
	ops   []OpsVariable
}

// OpsVariable is a variable of a struct_ops type: what
// DEFINE_FUSE_IOMAP_BPF_OPS defines.
type OpsVariable struct {
	// Name is the variable's, and that of the map made of it.
	Name string
	// Type is the name of its struct.
	Type string
	// Programs are the functions in its members, by the member's name. Members
	// that are NULL are not in it.
	Programs map[string]string
}

// OpenObject reads the object in a file.
func OpenObject(path string) (*Object, error) { return nil, errors.ErrUnsupported }

// ReadObject reads an object, such as the bytes that bpf2go embeds. Errors wrap
// [ErrObject].
func ReadObject(r io.ReaderAt) (*Object, error) { return nil, errors.ErrUnsupported }

// Spec is what Load loads, to set variables and the sizes of maps in. Changing it
// while a Load runs is a race.
func (o *Object) Spec() *ebpf.CollectionSpec { return o.spec }

// Ops lists the ops variables, of any struct_ops type, sorted by name.
func (o *Object) Ops() []OpsVariable { return o.ops }

// Model is what the object was compiled for.
func (o *Object) Model() *model.ABI { return o.model }
