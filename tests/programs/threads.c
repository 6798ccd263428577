// Threads: a mutex, a condition, thread-local storage, and a sum in parts.
#include <pthread.h>
#include <stdio.h>
#include <stdatomic.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int started, counter;
static atomic_int atomic_counter;
static __thread int own;

static void *work(void *argument) {
  long number = (long)argument;
  own = (int)number;
  pthread_mutex_lock(&lock);
  while (!started) pthread_cond_wait(&ready, &lock);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < 2000; i++) {
    pthread_mutex_lock(&lock);
    counter++;
    pthread_mutex_unlock(&lock);
    atomic_fetch_add(&atomic_counter, 2);
  }
  return (void *)(long)(own * own);
}

int main(void) {
  pthread_t threads[4];
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  pthread_mutex_lock(&lock);
  started = 1;
  pthread_cond_broadcast(&ready);
  pthread_mutex_unlock(&lock);
  long sum = 0;
  for (int i = 0; i < 4; i++) {
    void *result;
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("%d %d %ld %d\n", counter, atomic_counter, sum, own);
  return 0;
}
