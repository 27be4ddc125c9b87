// SPDX-License-Identifier: MIT

package abi

// codecRecords has every record of the package, for the tests of its codec.
var codecRecords = []codecRecord{
	recordOf[IomapIO](SizeofIomapIO),
	recordOf[IomapBeginIn](SizeofIomapBeginIn),
	recordOf[IomapBeginOut](SizeofIomapBeginOut),
	recordOf[IomapEndIn](SizeofIomapEndIn),
	recordOf[IomapIoendIn](SizeofIomapIoendIn),
	recordOf[IomapIoendOut](SizeofIomapIoendOut),
	recordOf[IomapBPFOps](SizeofIomapBPFOps),
}
