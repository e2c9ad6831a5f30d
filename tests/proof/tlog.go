// SPDX-License-Identifier: AGPL-3.0-or-later

// tlog checks a receipt and a mirror with Go's own transparency log code (golang.org/x/mod), which
// knows nothing of us.
//
//	tlog RECEIPT VKEY OLD NEW MIRROR
//
// OLD and NEW are checkpoints, MIRROR a folder of tiles of NEW. The tiles are read by x/mod itself;
// every hash it uses is authenticated against NEW.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func read(path string) string {
	b, err := os.ReadFile(path)
	check(err)
	return string(b)
}

// The tree that a checkpoint of three lines is of, once its signature is good.
func tree(text, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(strings.TrimSpace(vkey))
	check(err)
	n, err := note.Open([]byte(text), note.VerifierList(verifier))
	check(err)
	lines := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	var h tlog.Hash
	copy(h[:], root)
	return tlog.Tree{N: size, Hash: h}
}

// A folder as huiyin-witness mirror makes it: tile/<L>/<N>, where x/mod says tile/8/<L>/<N>.
type folder struct{ path string }

func (f folder) Height() int                                { return 8 }
func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		path := strings.Replace(t.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.path, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func receipt(text, vkey string) {
	gap := strings.Index(text, "\n\n")
	lines := strings.Split(text[:gap], "\n")
	extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	check(err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	check(err)
	commit := sha256.Sum256(append([]byte("huiyin-commit/v1\n"), extra[1:]...))
	leaf := tlog.RecordHash(append([]byte{1}, commit[:]...))
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		b, err := base64.StdEncoding.DecodeString(line)
		check(err)
		var h tlog.Hash
		copy(h[:], b)
		proof = append(proof, h)
	}
	t := tree(text[gap+2:], vkey)
	check(tlog.CheckRecord(proof, t.N, t.Hash, index, leaf))
	fmt.Printf("x/mod: leaf %d of %d\n", index, t.N)
}

func main() {
	vkey := os.Args[2]
	receipt(read(os.Args[1]), vkey)
	before, now := tree(read(os.Args[3]), vkey), tree(read(os.Args[4]), vkey)
	reader := tlog.TileHashReader(now, folder{os.Args[5]})
	proof, err := tlog.ProveTree(now.N, before.N, reader)
	check(err)
	check(tlog.CheckTree(proof, now.N, now.Hash, before.N, before.Hash))
	for i := int64(0); i < now.N; i++ {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		check(err)
		if bytes.Equal(hashes[0][:], make([]byte, 32)) {
			log.Fatal("an empty leaf")
		}
	}
	fmt.Printf("x/mod: one history from %d to %d leaves, every tile authenticated\n", before.N, now.N)
}
