// Dates as Slack writes them, in the reader's zone.

const LOCALE = "en-GB";

const formats = new Map(); // making one costs far more than using it

function formatted(date, zone, options, locale = LOCALE) {
  const name = `${locale} ${zone} ${JSON.stringify(options)}`;
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  return formats.get(name).format(date);
}

function dayKey(date, zone) {
  return formatted(date, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
}

function pretty(date, zone, otherwise) {
  const days = [["Today", 0], ["Yesterday", -1], ["Tomorrow", 1]];
  for (const [word, offset] of days) {
    if (dayKey(date, zone) === dayKey(new Date(Date.now() + offset * 86_400_000), zone)) return word;
  }
  return otherwise;
}

function ago(date) {
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  const steps = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

const TOKENS = {
  date_num: (date, zone) => formatted(date, zone, {}, "en-CA"),
  date_slash: (date, zone) => formatted(date, zone, { day: "2-digit", month: "2-digit", year: "numeric" }),
  date: (date, zone) => formatted(date, zone, { day: "numeric", month: "long", year: "numeric" }),
  date_short: (date, zone) => formatted(date, zone, { day: "numeric", month: "short", year: "numeric" }),
  date_long: (date, zone) => formatted(date, zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  date_pretty: (date, zone) => pretty(date, zone, TOKENS.date(date, zone)),
  date_short_pretty: (date, zone) => pretty(date, zone, TOKENS.date_short(date, zone)),
  date_long_pretty: (date, zone) => pretty(date, zone, TOKENS.date_long(date, zone)),
  day_divider_pretty: (date, zone) => pretty(date, zone, TOKENS.date_long(date, zone)),
  time: (date, zone) => formatted(date, zone, { hour: "2-digit", minute: "2-digit" }),
  time_secs: (date, zone) => formatted(date, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  ago: (date) => ago(date),
};

/** `seconds` since 1970 in Slack's `format`, such as `{date_short} at {time}`; the fallback if that makes no sense. */
export function slackDate(seconds, format, zone, fallback = "") {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  return format.replace(/\{([a-z_]+)\}/g, (written, name) => {
    return Object.hasOwn(TOKENS, name) ? TOKENS[name](date, zone) : written;
  });
}

/** The moment in full, for a tooltip. */
export function fullDate(seconds, zone) {
  return slackDate(seconds, "{date_long}, {time_secs}", zone);
}

/** What stands between two days of a conversation. */
export function dayOf(ts, zone) {
  return slackDate(Number(ts), "{day_divider_pretty}", zone);
}

/** `2026-05-03T14:30` as a person in `zone` means it, in seconds since 1970. */
export function epochOf(local, zone) {
  const asUtc = Date.parse(`${local}:00Z`);
  if (Number.isNaN(asUtc)) return null;
  let guess = asUtc;
  for (let round = 0; round < 2; round += 1) guess = asUtc - (Date.parse(`${localOf(guess / 1000, zone)}:00Z`) - guess);
  return Math.round(guess / 1000);
}

/** Seconds since 1970 as the value of a `datetime-local` field in `zone`. */
export function localOf(seconds, zone) {
  const options = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, ...options }).formatToParts(new Date(seconds * 1000));
  const part = (type) => parts.find((one) => one.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}
