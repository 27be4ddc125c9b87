// SPDX-License-Identifier: MIT

package model_test

import (
	"go/constant"
	"go/token"

	"github.com/fuseiomap/abigen/gen/model"
)

// sample is a model with something of everything a snapshot can hold.
func sample() *model.ABI {
	io := &model.Record{Kind: model.Struct, Name: "fuse_iomap_io", Size: 32, Align: 8, Packed: true,
		Pos: model.Pos{File: "a.h", Line: 3, Col: 1}, Doc: "A <mapping> & more.",
		Fields: []model.Field{
			{Name: "offset", BitSize: 64, Spelling: "uint64_t", Type: u64, Pos: model.Pos{File: "a.h", Line: 4, Col: 2}, Doc: "file, bytes"},
			{Name: "kind", BitOffset: 64, BitSize: 3, Bitfield: true, Spelling: "unsigned", Type: u32},
			{BitOffset: 128, BitSize: 128, Spelling: "union", Type: model.Ref{Kind: model.RefUnion}, Record: &model.Record{
				Kind: model.Union, Size: 16, Align: 8,
				Fields: []model.Field{{Name: "name", BitSize: 128, Spelling: "char[16]", Type: model.Array{Len: 16, Elem: char}}},
			}},
		}}
	ops := &model.Record{Kind: model.Struct, Name: "ops", Size: 8, Registered: true, Fields: []model.Field{
		{Name: "begin", BitSize: 64, Spelling: "int (*)(struct fuse_iomap_io *)",
			Type: model.Pointer{Elem: model.Func{Result: s32, Params: []model.Type{model.Pointer{Elem: io.Ref()}}}}}}}
	other := &model.Record{Kind: model.Union, Name: "other_t", Typedef: true, Size: 32, Fields: []model.Field{
		{Name: "io", BitSize: 256, Spelling: "struct fuse_iomap_io", Type: io.Ref()},
		{Name: "ret", BitSize: 32, Spelling: "enum ret", Type: model.Ref{Kind: model.RefEnum, Name: "ret"}}}}
	null := constant.MakeUint64(1<<64 - 1)
	third := constant.BinaryOp(constant.MakeInt64(-1), token.QUO, constant.MakeInt64(3))
	return &model.ABI{
		Source: "header:a.h", Target: "bpfel", Side: model.SideContract,
		Attests: []model.Evidence{model.Records, model.Enums, model.Constants},
		Records: []*model.Record{io, ops, other},
		Enums: []*model.Enum{
			{Name: "ret", Size: 4, Values: []model.Enumerator{
				{Name: "FALLBACK", Value: constant.MakeInt64(0), Doc: "not handled", Pos: model.Pos{File: "a.h", Line: 1}},
				{Name: "HANDLED", Value: constant.MakeInt64(1)}}},
			{Size: 8, Signed: true, Typedef: true, Values: []model.Enumerator{{Name: "MINUS", Value: constant.MakeInt64(-1 << 63)}}},
		},
		Constants: []*model.Constant{
			{Name: "NULL_ADDR", Value: null, Type: "unsigned long long", Expr: "-1ULL"},
			{Name: "VERSION", Value: constant.MakeString("v\"1\"\n"), Type: "char[5]"},
			{Name: "MAGIC", Value: constant.MakeString("\x00\xff\xfe"), Type: "char[4]"},
			{Name: "THIRD", Value: third, Type: "double"},
			{Name: "TINY", Value: constant.MakeFromLiteral("1e-4000", token.FLOAT, 0), Type: "long double"},
		},
		Prototypes: []*model.Prototype{
			{Name: "ops.begin", Role: model.Callback, Result: "int", ResultType: s32, Params: []model.Param{
				{Name: "io", Spelling: "struct fuse_iomap_io *", Type: model.Pointer{Elem: io.Ref()}}}},
			{Name: "kick", Role: model.Kfunc, Result: "char", ResultType: char, Variadic: true,
				Params: []model.Param{{Spelling: "char *", Type: model.Pointer{Elem: char}}}},
		},
		Skipped: []model.Skipped{{Name: "MACRO", Reason: "function-like macro", Pos: model.Pos{File: "a.h", Line: 9}}},
		Guards:  []string{"fuse_bpf_inode"},
	}
}
