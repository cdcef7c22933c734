/** Whether the promise has settled within `timeoutMs`; resolves with that as soon as it is known. Never rejects. */
export async function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const settled = () => true;
  const isSettled = await Promise.race([promise.then(settled, settled), late]);
  clearTimeout(timer);
  return isSettled;
}
