// SPDX-License-Identifier: MIT

package cheader

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

// docs lists the comments of a model by subject.
func docs(abi *model.ABI) map[string]string {
	out := map[string]string{}
	put := func(name, doc string) {
		if doc != "" {
			out[name] = doc
		}
	}
	var record func(r *model.Record, path string)
	record = func(r *model.Record, path string) {
		put(path, r.Doc)
		for i := range r.Fields {
			f := &r.Fields[i]
			put(path+"."+f.Name, f.Doc)
			if f.Record != nil {
				record(f.Record, path+"."+f.Name)
			}
		}
	}
	for _, r := range abi.Records {
		record(r, r.Name)
	}
	for _, e := range abi.Enums {
		put(e.Name, e.Doc)
		for _, v := range e.Values {
			put(v.Name, v.Doc)
		}
	}
	for _, c := range abi.Constants {
		put(c.Name, c.Doc)
	}
	for _, p := range abi.Prototypes {
		put(p.Name+"()", p.Doc)
	}
	return out
}

func TestCommentsBelongToOneDeclaration(t *testing.T) {
	for _, c := range []struct {
		name, c string
		want    map[string]string
	}{
		{"above and behind", `
/* Above a. */
struct a {
	int x;	/* behind x */
	/* above y */
	int y;
	int z;
};

/* Not directly above b. */

struct b { int x; };
`, map[string]string{"a": "Above a.", "a.x": "behind x", "a.y": "above y"}},
		{"a comment behind is continued in the same column", `
struct a {
	int x;	/* first
		 * second */
	int y;	/* one */
		/* two */
	/* about z */
	int z;	// three
		// four
	int w;
};
`, map[string]string{"a.x": "first\nsecond", "a.y": "one\ntwo", "a.z": "about z\nthree\nfour"}},
		{"lines of // above are one comment", `
// one
// two
struct a {
	// not

	// x
	int x;
};
`, map[string]string{"a": "one\ntwo", "a.x": "x"}},
		{"a comment behind does not leak to the next declaration", `
#define A 1 /* about A */
#define B 2
struct a { int x; }; /* about a */
struct b { int x; };
enum e { E1, /* one */ E2 /* two */ };
`, map[string]string{"A": "about A", "a": "about a", "E1": "one", "E2": "two"}},
		{"several declarations on a line", `
struct a {
	int x, y; /* both end here */
	int p; int q; /* only q */
};
`, map[string]string{"a.y": "both end here", "a.q": "only q"}},
		{"a comment above a group is about its first macro", `
/* Group. */
#define A 1
#define B 2	/* about B */
/* about C */
#define C \
	3
`, map[string]string{"A": "Group.", "B": "about B", "C": "about C"}},
		{"licences are not documentation", `
/* SPDX-License-Identifier: MIT */
#define A 1
/*
 * Copyright (c) somebody
 */
struct a { int x; };
`, map[string]string{}},
		{"kernel-doc goes to the members", `
/**
 * struct a - short description
 * @x: about x
 * @y: about y, which
 *     goes on
 * @sub.z: about z
 * @u: outer
 * @w: in an anonymous union
 *
 * Long description.
 */
struct a {
	int x;
	int y;	/* own */
	struct { int z; } sub;
	/** @u: inline */
	int u;
	union { int w; };
};
/**
 * enum e - choices
 * @E1: first
 */
enum e { E1, E2 };
/**
 * f() - does it
 * @x: argument
 */
int f(int x);
`, map[string]string{"a": "short description\n\nLong description.", "a.x": "about x", "a.y": "own\nabout y, which goes on",
			"a.sub.z": "about z", "a.u": "inline\nouter", "a..w": "in an anonymous union", "e": "choices", "E1": "first",
			"f()": "does it\n@x: argument"}},
		{"comments that look back", `
struct a {
	int x; /**< about x */
	int y;
	/**< about y */
	int z; ///< about z
};
`, map[string]string{"a.x": "about x", "a.y": "about y", "a.z": "about z"}},
		{"a comment above #if is about what is chosen", `
struct a {
	/* about x */
#if 0
	long x; /* not this */
#elif 1
	int x;
#endif
	/* about nothing */
#if 0
	int gone;
#endif
	int y;
};
`, map[string]string{"a.x": "about x"}},
		{"callbacks have the comment of their member", `
struct ops {
	/* Begins. */
	int (*begin)(int x,
		     int y);	/* now */
};
`, map[string]string{"ops.begin": "Begins.\nnow", "ops.begin()": "Begins.\nnow"}},
		{"behind the brace and in front of typedef", `
struct a { /* about a */
	int x;
};
/* about b */
typedef struct {
	int x;
} b; /* more */
`, map[string]string{"a": "about a", "b": "about b\nmore"}},
		{"decoration is dropped", `
/*********************
 *  Title
 *
 *  - item
 *---------------------
 */
struct a { int x; };
`, map[string]string{"a": "Title\n\n - item"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, docs(mustParse(t, "bpfel", c.c))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.c, diff)
			}
		})
	}
}
