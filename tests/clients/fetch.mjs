// Node's own fetch(); see README.
import { Readable } from 'node:stream';
import { base, bytes, run } from './shared.mjs';

// Its length is not known to who reads it.
function stream(data) {
	let at = 0;
	return new ReadableStream({
		pull(controller) {
			controller.enqueue(data.subarray(at, at += 65536));
			if (at >= data.length)
				controller.close();
		}
	});
}

await run(async (method, target, how, n) => {
	const options = { method };
	if (how === 'length')
		options.body = bytes(n);
	if (how === 'chunked') {
		options.body = stream(bytes(n));
		options.duplex = 'half';
	}
	const response = await fetch(base + target, options);
	return { status: response.status,
	    body: Readable.fromWeb(response.body) };
});
