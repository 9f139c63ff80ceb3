// The shortcodes that messages of this kind use; any other stays as it was written.
const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", rotating_light: "🚨", no_entry: "⛔",
  no_entry_sign: "🚫", octagonal_sign: "🛑", hourglass: "⌛", hourglass_flowing_sand: "⏳", clock1: "🕐", stopwatch: "⏱️",
  alarm_clock: "⏰", large_green_circle: "🟢", large_orange_circle: "🟠", large_yellow_circle: "🟡", red_circle: "🔴",
  large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", large_purple_circle: "🟣", green_circle: "🟢",
  lock: "🔒", unlock: "🔓", key: "🔑", bell: "🔔", no_bell: "🔕", mag: "🔍", bulb: "💡", memo: "📝", page_facing_up: "📄",
  clipboard: "📋", floppy_disk: "💾", package: "📦", wrench: "🔧", hammer_and_wrench: "🛠️", gear: "⚙️", satellite: "🛰️",
  satellite_antenna: "📡", electric_plug: "🔌", computer: "💻", desktop_computer: "🖥️", globe_with_meridians: "🌐",
  link: "🔗", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊", calendar: "📅",
  arrow_up: "⬆️", arrow_down: "⬇️", arrow_right: "➡️", arrow_left: "⬅️", arrows_counterclockwise: "🔄", repeat: "🔁",
  heavy_plus_sign: "➕", heavy_minus_sign: "➖", information_source: "ℹ️", question: "❓", exclamation: "❗", wave: "👋",
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", ok_hand: "👌", pray: "🙏", clap: "👏", eyes: "👀", tada: "🎉",
  rocket: "🚀", fire: "🔥", sparkles: "✨", star: "⭐", robot_face: "🤖", smile: "😄", slightly_smiling_face: "🙂",
  thinking_face: "🤔", point_right: "👉", point_down: "👇", speech_balloon: "💬", zzz: "💤", construction: "🚧",
  shield: "🛡️", bust_in_silhouette: "👤", busts_in_silhouette: "👥", house: "🏠", office: "🏢", factory: "🏭",
  keyboard: "⌨️", pencil2: "✏️", wastebasket: "🗑️", inbox_tray: "📥", outbox_tray: "📤", seedling: "🌱", zap: "⚡",
  one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣", six: "6️⃣",
};

/** The character for a shortcode, or null. */
export function emoji(name) {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : null;
}

/** `text` with the shortcodes in it replaced. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (written, name) => emoji(name) ?? written);
}
