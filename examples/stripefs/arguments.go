// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"
)

// config is what the command line says.
type config struct {
	chunk   uint64
	devices []string
	files   []file // names and lengths
	dir     string
}

func parse(args []string, stderr io.Writer) (config, error) {
	c := config{chunk: 64 << 10}
	flags := flag.NewFlagSet("stripefs", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run prints the error
	flags.Func("chunk", "bytes on one device before the next one's `size` turn (default 64K)", func(s string) (err error) {
		c.chunk, err = parseSize(s)
		return err
	})
	flags.Func("device", "a `device`: file:PATH, memory or pattern:N; give one or more", func(s string) error {
		c.devices = append(c.devices, s)
		return nil
	})
	flags.Func("file", "a file, `name=size`; give one or more", func(s string) error {
		name, size, ok := strings.Cut(s, "=")
		if !ok {
			return errors.New("want NAME=SIZE")
		}
		n, err := parseSize(size)
		c.files = append(c.files, file{name: name, length: n})
		return err
	})
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stderr, "usage: stripefs [-chunk SIZE] -device DEVICE… -file NAME=SIZE… DIRECTORY")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return c, err
	} else if err != nil {
		return c, err
	}
	switch {
	case flags.NArg() != 1:
		return c, fmt.Errorf("%d directories to mount on: give one, after the options", flags.NArg())
	case len(c.devices) == 0:
		return c, errors.New("no device: give -device pattern:1 to try it out")
	case len(c.files) == 0:
		return c, errors.New("no file: give -file NAME=SIZE")
	}
	c.dir = flags.Arg(0)
	return c, nil
}

// parseSize reads a number of bytes with a suffix of K, M, G or T.
func parseSize(s string) (uint64, error) {
	digits, shift := s, 0
	if i := strings.IndexAny(s, "KMGT"); i >= 0 && i == len(s)-1 {
		digits, shift = s[:i], 10*(1+strings.IndexByte("KMGT", s[i]))
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || bits.Len64(n)+shift > 63 {
		return 0, fmt.Errorf("%q is no size: give bytes, or a number with K, M, G or T, below 8 EiB", s)
	}
	return n << shift, nil
}
