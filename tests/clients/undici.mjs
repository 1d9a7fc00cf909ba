// undici's request(), which goes beside what fetch() prescribes; see README.
import { createRequire } from 'node:module';
import { base, bytes, pieces, run } from './shared.mjs';

const { request } = createRequire(process.argv[3])('undici');

await run(async (method, target, how, n) => {
	const body = how === 'length' ? bytes(n) :
	    how === 'chunked' ? pieces(n) : null;
	const response = await request(base + target, { method, body });
	return { status: response.statusCode, body: response.body };
});
