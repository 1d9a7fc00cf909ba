// Checks manifests by what the API of Kubernetes says of its objects:
//
//	node check.mjs FILE.yaml ...
//
// What an object must have, and of which form, by the schemas of
// kubernetes-models; that it has nothing else, such as a field that is spelled
// wrong, by the types that are made of the same schemas.  Prints the objects as
// JSON, or what is wrong.  It lies beside node_modules while it runs.
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

const faults = [], objects = [], checked = 'checked.ts';

// Kubernetes reads YAML 1.1, where 0440 is octal.
function documents(file) {
	return parseAllDocuments(readFileSync(file, 'utf8'), { version: '1.1' });
}

function kindOf(object) {
	return `kubernetes-models/${object.apiVersion}/${object.kind}`;
}

for (const file of process.argv.slice(2)) {
	for (const text of documents(file)) {
		const object = text.toJS();
		faults.push(...text.errors.map(e => `${file}: ${e.message}`));
		objects.push(object);
		try {
			const models = await import(kindOf(object));
			new models[object.kind](object).validate();
		} catch (e) {
			faults.push(`${file}: ${object.kind}: ${e.message}`);
		}
	}
}

// A literal may have no property that its type has not.
writeFileSync(checked, objects.map((o, i) =>
    `import type { I${o.kind} as T${i} } from "${kindOf(o)}";\n` +
    `export const object${i}: T${i} = ${JSON.stringify(o, null, 1)};\n`).join(''));
const program = ts.createProgram([checked], { strict: true, noEmit: true,
    skipLibCheck: true, module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    target: ts.ScriptTarget.ES2022, types: [] });
for (const d of ts.getPreEmitDiagnostics(program)) {
	const at = d.file?.getLineAndCharacterOfPosition(d.start);
	faults.push((at ? `${d.file.fileName}:${at.line + 1}: ` : '') +
	    ts.flattenDiagnosticMessageText(d.messageText, '\n'));
}
if (faults.length) {
	console.error(faults.join('\n'));
	process.exit(1);
}
console.log(JSON.stringify(objects));
