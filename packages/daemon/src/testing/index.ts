export { repository } from "../repository.ts";
// A daemon for tests of other packages: the real substrate, with an impl of the test's choice.
export {
  type FixtureDaemon,
  isAlive,
  startFixtureDaemon,
  until,
  writeJoinFolder,
} from "../substrate/testing/start-fixture.ts";
