import { readFileSync } from 'node:fs';

/** Loaded into the service before it starts: `Date.now` runs ahead by the milliseconds that stand in TEST_CLOCK_FILE. */
const file = process.env.TEST_CLOCK_FILE;
const rightNow = Date.now;
if (file) Date.now = () => rightNow() + Number(readFileSync(file, 'utf8'));
