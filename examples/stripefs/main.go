// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The second one ends the process, which aborts the connection.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command; it ends when the file system is unmounted.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "stripefs:", err)
		return 2
	}
	v, err := c.volume()
	if err == nil {
		err = errors.Join(serve(ctx, v, c.dir, stdout), v.close())
	}
	if err != nil {
		fmt.Fprintln(stderr, "stripefs:", err)
		return 1
	}
	return 0
}
