// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/internal/near"
)

var helpVerb = verb{
	name: "help", synopsis: "[VERB]", summary: "how to call abigen, or one verb",
	doc:     "Prints how abigen, or one of its verbs, is called.",
	maxArgs: 1,
}

// init completes help, which refers to the list it is in.
func init() {
	helpVerb.run = func(_ context.Context, _ *flags, args []string, s streams) error {
		if len(args) > 0 {
			v, ok := verbByName(args[0])
			if !ok {
				return &usageError{"help", fmt.Sprintf("%q is not a verb%s: choose one of %s", args[0],
					near.Hint(args[0], verbNames()), strings.Join(verbNames(), ", "))}
			}
			return v.usage(s.out)
		}
		_, err := fmt.Fprint(s.out, overview())
		return err
	}
}

func overview() string {
	var b strings.Builder
	b.WriteString("abigen keeps Go code, C headers and kernels in agreement about an ABI.\n\nusage: abigen VERB [flags] [arguments]\n\nVerbs:\n")
	for _, v := range verbs() {
		fmt.Fprintf(&b, "  %-10s %-14s %s\n", v.name, v.synopsis, v.summary)
	}
	b.WriteString("\n" + sourcesText())
	b.WriteString("\nExit status: 0 clean, 100 findings at or above --fail-on, 1 abigen failed, 2 usage.\n")
	return b.String()
}
