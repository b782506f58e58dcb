// Alternatives: one alternative at a time is on the screen, with all that is said of it. It is the one
// chosen, or the last one until the voxels of that have come, so that neither is taken for the other.

export const asks = (side) => side.what_if.length > 0;
export const wantedOf = (b) => b.sides[0].what_if.reduce((n, [, labels], i) => n * labels.length + b.state.chosen[i], 0);
const partOfAlternative = (n) => `0/probability/${n}/high`;

export function follow(b) {
  if (!asks(b.sides[0])) return;
  const wanted = wantedOf(b);
  if (!b.store.has(partOfAlternative(wanted))) b.store.ask(partOfAlternative(wanted));
  if (b.store.has(partOfAlternative(wanted)) || !b.store.has(partOfAlternative(b.onScreen))) b.onScreen = wanted;
}

export const outcomeOf = (b, side) => (asks(side) ? side.alternatives[b.onScreen] : side); // counts, largest

export function answer(b) { // the labels on the screen, and how much is predicted then
  const questions = b.sides[0].what_if, words = [];
  for (let i = questions.length - 1, n = b.onScreen; i >= 0; i--) {
    const [name, labels] = questions[i];
    words.unshift(`${name} ${labels[n % labels.length]}`);
    n = Math.floor(n / labels.length);
  }
  const voxels = outcomeOf(b, b.sides[0]).counts.probability[0][level(b)];
  return [words.join(", "), `${ml(b.sides[0], voxels)} ml predicted`];
}

export const ml = (side, voxels) => ((voxels * side.spacing.reduce((x, y) => x * y)) / 1000).toFixed(1); // as metrics.volume_ml
export const level = (b) => Math.round(b.state.threshold * b.meta.steps);
