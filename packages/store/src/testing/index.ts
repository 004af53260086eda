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
export { fillLongLived, startLongLived } from "./long-lived.ts";
export { driveMission, type MissionDriver, moveOperation, startMission } from "./mission-driver.ts";
export { openMotion, setParameter } from "./motion-driver.ts";
