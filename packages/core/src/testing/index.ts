export { idOf, memberForTest, viewForTest } from "./missions.ts";
export { duty, member, message, proposal, submission, task, taskRecord, team, viewOf } from "./scenes.ts";
