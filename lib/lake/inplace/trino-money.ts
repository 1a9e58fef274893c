/**
 * A DOUBLE as DECIMAL(38,18) in Trino and Athena: its shortest decimal that reads back as the same double, rounded
 * half-even where that has more than 18 places. More than 20 integer digits, NaN and the infinities fail the query.
 *
 * A cast alone is not that. Trino 476 on Java 25 prints 2e23 as 1.9999999999999998E23 (run), for Java's
 * DecimalFormat still has the digits of JDK-4511638; a cast to DECIMAL goes by Double.toString, which is shortest
 * only from Java 19 on; what Athena runs on is not told; and both round half up. So digits are proposed and judged
 * by reading them back: at most 15 that give back the same double are its shortest, and if none do, 16 or 17.
 *
 * @param x a column by its quoted name, or another cheap expression: it is written out several times.
 */
export function decimalOfDouble(x: string): string {
  const [small, middle] = [short(x, 1000, 12), short(x, 1_000_000, 9)];
  return `CASE WHEN ${x} IS NULL THEN NULL WHEN ${small.holds} THEN ${small.value} WHEN ${middle.holds} THEN ${middle.value} ELSE ${general(x)} END`;
}

/** Fifteen digits, `places` of them after the point: the way of nearly every amount, without any text. */
function short(x: string, below: number, places: number) {
  const cast = `TRY_CAST(${x} AS DECIMAL(15,${places}))`;
  return {
    holds: `abs(${x}) < ${below}e0 AND CAST(${cast} AS DOUBLE) = ${x}`,
    value: `CAST(${cast} AS DECIMAL(38,18))`,
  };
}

/** Has the shortest decimal of a double more than 18 places? From 0.01 on its at most 17 digits end before. */
export function isRoundedDouble(x: string): string {
  const kept = 'CAST(CAST(d AS DECIMAL(38,18)) AS DECIMAL(38,36))';
  const differs = `CAST(d AS DECIMAL(38,36)) <> ${kept} OR CAST(d AS DECIMAL(38,36)) = DECIMAL '0'`;
  return `CASE WHEN ${x} <> 0e0 AND abs(${x}) < 1e-2 THEN ${bound('d', shortestText(x), differs)} ELSE false END`;
}

/** The shortest decimal of a double as text with an exponent. */
function shortestText(x: string): string {
  const digits = [14, 15].map(
    (places) => `WHEN CAST(format('%.${places}e', ${x}) AS DOUBLE) = ${x} THEN format('%.${places}e', ${x})`,
  );
  return `CASE ${digits.join(' ')} ELSE format('%.16e', ${x}) END`;
}

function general(x: string): string {
  return bound(
    'd',
    shortestText(x),
    // Below 0.01 the 17 digits of a double can reach beyond 18 places, and 36 places hold them all.
    `CASE WHEN abs(${x}) < 1e-2 THEN ${bound(
      'h',
      'CAST(d AS DECIMAL(38,18))',
      `CASE WHEN abs(CAST(d AS DECIMAL(38,36)) - CAST(h AS DECIMAL(38,36))) = DECIMAL '0.0000000000000000005'
         AND mod(h, DECIMAL '0.000000000000000002') <> DECIMAL '0'
       THEN h - CAST(sign(${x}) AS DECIMAL(1,0)) * DECIMAL '0.000000000000000001' ELSE h END`,
    )} ELSE CAST(d AS DECIMAL(38,18)) END`,
  );
}

/** Names the value of an expression for `body`, so that it is made once. */
function bound(name: string, expression: string, body: string): string {
  return `element_at(transform(ARRAY[${expression}], ${name} -> ${body}), 1)`;
}
