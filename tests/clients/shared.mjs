// What the clients that run on Node have in common; see README.
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

export const base = process.argv[2];

export function bytes(n) {
	const data = Buffer.alloc(n);
	for (let i = 0; i < n; i++)
		data[i] = i % 251;
	return data;
}

// In pieces, whose number nobody is told.
export function pieces(n) {
	const data = bytes(n), parts = [];
	for (let at = 0; at < n; at += 65536)
		parts.push(data.subarray(at, at + 65536));
	return Readable.from(parts);
}

function say(name, kind, text) {
	console.log(name + '\t' + kind + '\t' +
	    String(text).replaceAll('\n', ' '));
}

// ask(method, target, how, n) gives { status, body }, a body that streams.
export async function run(ask) {
	for await (const line of createInterface({ input: process.stdin })) {
		const [name, method, target, how, n] = line.split('\t');
		try {
			const { status, body } = await ask(method, target, how,
			    Number(n));
			const lines = createInterface({
			    input: Readable.from(body) });
			body.on?.('error', e => lines.emit('error', e));
			for await (const text of lines)
				if (text !== '')
					say(name, 'line', text);
			say(name, 'status', status);
		} catch (e) {
			say(name, 'error', e.cause ?? e);
		}
	}
}
