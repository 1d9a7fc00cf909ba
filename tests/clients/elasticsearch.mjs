// Elasticsearch's own client, without its retries; see README.
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { base, bytes, pieces, run } from './shared.mjs';

const { Client } = createRequire(process.argv[3])('@elastic/elasticsearch');
const client = new Client({ node: base, maxRetries: 0 });

await run(async (method, target, how, n) => {
	const [path, query] = target.split('?');
	const params = { method, path };
	if (query)
		params.querystring = Object.fromEntries([query.split('=')]);
	if (how === 'length')
		params.body = bytes(n);
	if (how === 'chunked')
		params.body = pieces(n);
	try {
		const response = await client.transport.request(params,
		    { meta: true, asStream: true });
		return { status: response.statusCode, body: response.body };
	} catch (e) {
		if (!e.meta?.statusCode)
			throw e;
		const body = e.meta.body;
		return { status: e.meta.statusCode, body: body.pipe ? body :
		    Readable.from([typeof body === 'string' ? body :
		    JSON.stringify(body)]) };
	}
});
