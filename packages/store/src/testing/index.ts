export {
  ANALYST,
  COMMANDER,
  charterDir,
  DEVELOPER,
  type Federation,
  LEAD,
  silentLog,
  startFederation,
  systemClock,
  systemRandom,
} from "./federation-fixture.ts";
export { driveMission, type MissionDriver, startMission } from "./mission-driver.ts";
