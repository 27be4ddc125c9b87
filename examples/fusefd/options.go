// SPDX-License-Identifier: MIT

package fusefd

import (
	"fmt"
	"os"
	"strings"
)

// Options of a mount. The zero value is a good start.
type Options struct {
	// Source is the first column of df and of /proc/mounts; "" is "fuse".
	Source string
	// Type is what stands after "fuse." in the type of the file system; "" is
	// nothing.
	Type string
	// ReadOnly has the kernel refuse every change.
	ReadOnly bool
	// AllowOther lets other users than the caller in.
	AllowOther bool
	// DefaultPermissions has the kernel check the permissions of files, rather
	// than the server.
	DefaultPermissions bool
	// MaxRead bounds the bytes of one read request; 0 leaves it to the INIT
	// exchange.
	MaxRead uint32
}

// fsType is the type of the file system as mount(2) takes it.
func (o Options) fsType() string {
	if o.Type == "" {
		return "fuse"
	}
	return "fuse." + o.Type
}

func (o Options) source() string {
	if o.Source == "" {
		return "fuse"
	}
	return o.Source
}

// data is the last argument of mount(2), for a directory whose file type is
// rootMode.
func (o Options) data(fd int, rootMode uint32) string {
	all := []string{
		fmt.Sprintf("fd=%d", fd),
		fmt.Sprintf("rootmode=%o", rootMode),
		fmt.Sprintf("user_id=%d", os.Geteuid()),
		fmt.Sprintf("group_id=%d", os.Getegid()),
	}
	if o.AllowOther {
		all = append(all, "allow_other")
	}
	if o.DefaultPermissions {
		all = append(all, "default_permissions")
	}
	if o.MaxRead > 0 {
		all = append(all, fmt.Sprintf("max_read=%d", o.MaxRead))
	}
	return strings.Join(all, ",")
}
