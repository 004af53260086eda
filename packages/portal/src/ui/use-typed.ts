import { useEffect, useRef, useState } from "preact/hooks";

const typingMs = 300;

/**
 * What one types that stands in the address: written there when one pauses, and taken from there when it changed by another
 * way (a link, the way back), which ends what was typed before.
 */
export function useTyped(
  inAddress: string,
  write: (text: string) => void,
): { readonly typed: string; readonly type: (text: string) => void } {
  const [typed, setTyped] = useState(inAddress);
  const known = useRef(inAddress);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // The latest: what else stands in the address may change while one types.
  const writeNow = useRef(write);
  writeNow.current = write;
  useEffect(() => {
    if (inAddress === known.current) return;
    known.current = inAddress;
    clearTimeout(timer.current);
    setTyped(inAddress);
  }, [inAddress]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    typed,
    type(text) {
      setTyped(text);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        known.current = text;
        writeNow.current(text);
      }, typingMs);
    },
  };
}
