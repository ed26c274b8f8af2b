import fc from 'fast-check';

// What decides whether a change may land must judge the same cases each time; everywhere else the
// property tests meet new ones, and a case that fails becomes a test of its own.
if (process.env['CI']) fc.configureGlobal({ seed: 20_261_127 });
