import { readdirSync, readFileSync } from 'node:fs';

/** The alarms that every stack has, by the ends of their names: alarms*.yml name them. */
export function alarmNames(): string[] {
  const folder = new URL('./', import.meta.url);
  const resources = readdirSync(folder)
    .filter((file) => /^alarms.*\.yml$/.test(file))
    .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').split(/^ {2}(?=\w+:$)/m));
  return resources
    .filter((resource) => !/^ {4}Condition:/m.test(resource))
    .flatMap((resource) => /^ {6}AlarmName: sparkify-\$\{sls:stage\}-(\S+)$/m.exec(resource)?.[1] ?? []);
}

/** The ARNs of the alarms that every stack has, as a JSON list without brackets for the dashboard. */
export function alarmArns(): string {
  return alarmNames()
    .map((name) => `"\${AlarmArn}-${name}"`)
    .join(', ');
}
