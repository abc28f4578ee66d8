// Reads the calendar files named on the command line with each reader that is installed and
// prints one line of JSON for each file; without files, the readers' names.
import fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.cwd() + "/"));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const when = (moment, isDate) =>
  isDate ? moment.toISOString().slice(0, 10) : moment.toISOString().replace(".000Z", "+00:00");

const ICAL = (await load("ical.js")).default;
const nodeIcal = require("node-ical");
const tsIcs = await load("ts-ics");

const readers = {
  "ical.js": (text) => {
    const calendar = new ICAL.Component(ICAL.parse(text));
    for (const zone of calendar.getAllSubcomponents("vtimezone")) {
      const known = new ICAL.Timezone(zone);
      ICAL.TimezoneService.remove(known.tzid);  // each file is read by its own zones
      ICAL.TimezoneService.register(known);
    }
    const at = (time) => (time.isDate ? time.toString() : when(time.toJSDate(), false));
    return calendar.getAllSubcomponents("vevent").map((component) => {
      const event = new ICAL.Event(component);
      return {
        uid: event.uid, start: at(event.startDate), end: at(event.endDate),
        summary: event.summary, description: event.description, location: event.location,
        status: component.getFirstPropertyValue("status"),
      };
    });
  },
  "node-ical": (text) =>
    Object.values(nodeIcal.sync.parseICS(text)).filter((event) => event.type === "VEVENT").map(
      (event) => {
        const local = (d) =>
          [d.getFullYear(), d.getMonth() + 1, d.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
        const at = (d) => (event.datetype === "date" ? local(d) : when(d, false));
        return { ...event, start: at(event.start), end: at(event.end) };
      }),
  "ts-ics": (text) =>
    tsIcs.convertIcsCalendar(undefined, text).events.map((event) => ({
      ...event,
      start: when(event.start.date, event.start.type === "DATE"),
      end: when(event.end.date, event.end.type === "DATE"),
    })),
};

if (process.argv.length === 2) console.log(JSON.stringify(Object.keys(readers)));
for (const path of process.argv.slice(2)) {
  const text = fs.readFileSync(path, "utf8");
  const keep = ({ uid, start, end, summary, description, location, status }) =>
    ({ uid, start, end, summary, description, location, status });
  const found = Object.entries(readers).map(([name, read]) => [name, read(text).map(keep)]);
  console.log(JSON.stringify(Object.fromEntries(found)));
}
