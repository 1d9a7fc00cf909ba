// Node's own fetch(); see README.
import { Readable } from 'node:stream';
import { base, bytes, pieces, run } from './shared.mjs';

await run(async (method, target, how, n) => {
	const options = { method };
	if (how === 'length')
		options.body = bytes(n);
	if (how === 'chunked') {
		options.body = Readable.toWeb(pieces(n));
		options.duplex = 'half';
	}
	const response = await fetch(base + target, options);
	return { status: response.status,
	    body: Readable.fromWeb(response.body) };
});
