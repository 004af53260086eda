export { idOf, memberForTest, viewForTest } from "./missions.ts";
export { duty, member, message, proposal, submission, task, team, viewOf } from "./scenes.ts";
