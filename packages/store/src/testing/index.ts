export {
  ANALYST,
  COMMANDER,
  DEVELOPER,
  type Federation,
  LEAD,
  silentLog,
  startFederation,
  systemClock,
  systemRandom,
} from "./federation-fixture.ts";
export { moveOperation, startMission } from "./mission-driver.ts";
