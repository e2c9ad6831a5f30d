// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Checks a receipt with sigstore's verifier for JavaScript, which knows nothing of us.
//
//   node sigstore.mjs RECEIPT VKEY MODULES
//
// A receipt is a tlog-proof: the entry is 0x01 and the commitment, which is made here from the
// event in it as the manual says; index, hashes and checkpoint go to sigstore as they are.
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [receipt, vkey, modules] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { verifyCheckpoint } = require('@sigstore/verify/dist/tlog/checkpoint.js');
const { verifyMerkleInclusion } = require('@sigstore/verify/dist/tlog/merkle.js');

const text = readFileSync(receipt, 'utf8');
const gap = text.indexOf('\n\n');
const [magic, extra, index, ...hashes] = text.slice(0, gap).split('\n');
if (magic !== 'c2sp.org/tlog-proof@v1') throw new Error('not a tlog-proof');

const event = Buffer.from(extra.slice('extra '.length), 'base64');
if (event[0] !== 1) throw new Error('no event in it');
const commit = createHash('sha256').update('huiyin-commit/v1\n').update(event.subarray(1)).digest();
const canonicalizedBody = Buffer.concat([Buffer.from([1]), commit]);

// name+hint+base64(algorithm || key); the key in the form of RFC 8410
const [name, hint, ...rest] = vkey.trim().split('+');
const key = Buffer.from(rest.join('+'), 'base64').subarray(1);
const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
const tlog = {
  logID: Buffer.from(hint, 'hex'),
  baseURL: `https://${name}`,
  publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
};

const entry = {
  canonicalizedBody,
  inclusionProof: {
    logIndex: index.slice('index '.length),
    hashes: hashes.map((h) => Buffer.from(h, 'base64')),
    checkpoint: { envelope: text.slice(gap + 2) },
  },
};
const checkpoint = verifyCheckpoint(entry, [tlog]);
verifyMerkleInclusion(entry, checkpoint);
const type = event.subarray(33).toString().split('\n')[6];
console.log(`sigstore: ${type}, leaf ${entry.inclusionProof.logIndex} of ${checkpoint.logSize}`);
