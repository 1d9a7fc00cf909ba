/*
 * Keeps the page up to date: asks for it anew, and puts in what changed.
 * Nothing of it is needed to read the page.
 */
'use strict';

const PERIOD = 5000;		/* milliseconds */
let paused = false;

/* Somebody copies a command, or has got to a link in there. */
function isInUse(part) {
	const selection = document.getSelection();

	return part.contains(document.activeElement) ||
	    (!selection.isCollapsed && selection.containsNode(part, true));
}

/* Parts of the page are the children of main, and when it was made. */
function replace(part, other) {
	if (part.isEqualNode(other) || isInUse(part))
		return;
	part.replaceWith(document.adoptNode(other));
}

function take(fresh) {
	const main = document.querySelector('main');
	const parts = [...fresh.querySelectorAll('main > section')];

	parts.forEach((other, i) => {
		const part = document.getElementById(other.id);

		if (part)
			replace(part, other);
		else
			main.insertBefore(other, main.children[i] || null);
	});
	for (const part of [...main.children]) {
		if (!fresh.getElementById(part.id) &&
		    !parts.some(other => other.id === part.id))
			part.remove();
	}
	if (document.title !== fresh.title)
		document.getElementById('said').textContent = fresh.title;
	document.title = fresh.title;
	document.querySelector('#age time').textContent =
	    fresh.querySelector('#age time').textContent;
}

/* What is seen is old, and it is said that it is. */
function tell(trouble) {
	const before = document.getElementById('stale');

	if (!trouble) {
		before?.remove();
		return;
	}
	if (before)
		return;
	const p = document.createElement('p');
	p.id = 'stale';
	p.setAttribute('role', 'alert');
	p.textContent = 'The daemon does not answer: what is here is old.';
	document.querySelector('header').append(p);
}

async function update() {
	if (!paused && !document.hidden) {
		try {
			const answer = await fetch(location.pathname +
			    location.search, { cache: 'no-store',
				signal: AbortSignal.timeout(PERIOD * 2) });
			if (!answer.ok)
				throw new Error('refused');
			take(new DOMParser().parseFromString(
			    await answer.text(), 'text/html'));
			tell(false);
		} catch (e) {
			tell(true);
		}
	}
	setTimeout(update, PERIOD);
}

function addPause() {
	const button = document.createElement('button');

	button.type = 'button';
	button.textContent = 'Pause updates';
	button.addEventListener('click', () => {
		paused = !paused;
		button.textContent = paused ? 'Go on updating' :
		    'Pause updates';
	});
	document.getElementById('age').after(button);
}

/* Who hears the page is told when it needs more, or less. */
function addVoice() {
	const p = document.createElement('p');

	p.id = 'said';
	p.setAttribute('role', 'status');
	document.querySelector('header').append(p);
}

addPause();
addVoice();
setTimeout(update, PERIOD);
