// SPDX-License-Identifier: MIT

package doctor

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// capability is a number of capabilities(7).
type capability int

// The capabilities that count here.
const (
	capSysRawIO capability = 17
	capSysAdmin capability = 21
	capPerfmon  capability = 38
	capBPF      capability = 39
)

var capabilityNames = map[capability]string{
	capSysRawIO: "CAP_SYS_RAWIO", capSysAdmin: "CAP_SYS_ADMIN", capPerfmon: "CAP_PERFMON", capBPF: "CAP_BPF",
}

func (c capability) String() string { return capabilityNames[c] }

// joined lists capabilities in words.
func joined(cs []capability) string {
	var s []string
	for _, c := range cs {
		s = append(s, c.String())
	}
	if n := len(s); n > 1 {
		return strings.Join(s[:n-1], ", ") + " and " + s[n-1]
	}
	return strings.Join(s, "")
}

// capabilities is the effective set of this process, a bit each.
type capabilities uint64

func (c capabilities) has(x capability) bool { return c>>x&1 == 1 }

// lacks returns those of a list that are not in the set.
func (c capabilities) lacks(list ...capability) []capability {
	var out []capability
	for _, x := range list {
		if !c.has(x) {
			out = append(out, x)
		}
	}
	return out
}

// loader returns which of the capabilities to load struct_ops programs are not
// in the set: CAP_SYS_ADMIN stands for the two newer ones.
func (c capabilities) loader() []capability {
	if c.has(capSysAdmin) {
		return nil
	}
	return c.lacks(capBPF, capPerfmon)
}

// errNamespace tells that capabilities are those of a user namespace, where the
// kernel does not look when it asks for one of these.
var errNamespace = errors.New("this process is in a user namespace, and the kernel asks for capabilities in the initial one")

// effective reads the capabilities of this process that count.
func (p *patient) effective() (capabilities, error) {
	status, err := p.line("proc/self/status")
	if err != nil {
		return 0, err
	}
	if ids, err := p.line("proc/self/uid_map"); err == nil && !initialNamespace(ids) {
		return 0, errNamespace
	}
	for line := range strings.Lines(status) {
		if hex, found := strings.CutPrefix(line, "CapEff:"); found {
			n, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
			return capabilities(n), err
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no line CapEff")
}

// initialNamespace reports whether a map of user IDs is that of the initial user
// namespace, which maps everything to itself.
func initialNamespace(ids string) bool {
	f := strings.Fields(ids)
	return len(f) == 3 && f[0] == "0" && f[1] == "0" && f[2] == "4294967295"
}
