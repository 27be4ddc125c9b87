// SPDX-License-Identifier: MIT

package source_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/fuseiomap/abigen/gen/source"
)

func ExampleOpen() {
	a, err := source.Open(context.Background(), "embedded:kernel-R4", source.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.Source, a.Target, a.Attests)

	_, err = source.Open(context.Background(), "embedded:R9", source.Options{})
	fmt.Println(errors.Is(err, source.ErrSpec))
	// Output:
	// embedded:kernel-R4 bpfel [records pointees enums prototypes kfuncs registration]
	// true
}
